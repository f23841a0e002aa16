"""Does the embedded Azure answer as Microsoft's published API descriptions (Swagger 2.0) say?"""
