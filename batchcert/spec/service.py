"""What uses a certificate on a node: the ports on which services present it, and the command that has them read it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from batchcert.spec.target import Spec

Command = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]*$", max_length=2000, strip_whitespace=True)]
SERVES = "Ports of the node on which services present this certificate: a visit shakes hands there and compares."
ON_ROTATION = (
    "A command that makes services read the certificate anew, systemctl reload nginx say. Root's shell runs it on each "
    "node, once for each version that arrives there, the first included. No secrets: anyone who may read the pool sees "
    "it. Empty: none."
)


class Endpoint(Spec):
    """Where a service presents a certificate: a port of the node, and the name that a client asks for."""

    port: int = Field(title="Port", description="The TCP port on the node itself, 443 say.", ge=1, le=65535)
    server_name: str = Field(
        default="",
        title="Server name",
        description="The name that the client sends (SNI). Empty: none, so the service's default certificate is seen.",
        pattern=r"^$|^[A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?(\.[A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?)*$",
        max_length=253,
    )

    def __str__(self) -> str:
        """As a person names it: "port 443" or "port 443 (render.example.com)"."""
        return f"port {self.port} ({self.server_name})" if self.server_name else f"port {self.port}"


class ServiceSpec(Spec):
    """The use of one certificate on the nodes of a pool that batchcert did not provision."""

    certificate: str = Field(
        title="Certificate",
        description="The certificate's name in its vault, or VAULT/NAME where the pool has two of that name.",
        pattern=r"^([0-9a-zA-Z-]{3,24}/)?[0-9a-zA-Z-]{1,127}$",
    )
    serves: list[Endpoint] = Field(default_factory=list, title="Served on", description=SERVES)
    on_rotation: Command = Field(default="", title="Command on rotation", description=ON_ROTATION)
