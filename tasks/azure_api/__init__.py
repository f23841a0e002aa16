"""Plain functions that speak to Azure with Microsoft's SDKs; no Prefect.

Small typed values go in and come out. What an SDK raises leaves as a `batchcert.problems.Problem`.
"""
