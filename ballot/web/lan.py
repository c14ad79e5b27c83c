"""The hall's network as a page to project or print: how phones join it and what they open."""

from typing import Final

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from ballot.domain.people import Role
from ballot.output.qr_drawing import drawing
from ballot.output.wifi import wifi_text
from ballot.services import networks
from ballot.settings import Settings
from ballot.web.access import allow
from ballot.web.context import here

blueprint = Blueprint("lan", __name__, url_prefix="/office")

_MAY_SHOW_IT: Final = (Role.ORGANISER,)
"""The Wi-Fi's password is on this page: it is for whoever runs the meeting to show."""


@blueprint.get("/lan")
@allow(*_MAY_SHOW_IT)
def hall() -> ResponseReturnValue:
    """Show the Wi-Fi and the address, each to be scanned; without `--lan`, how to get there."""
    settings = here().settings
    if not settings.lan_address:
        return render_template("office/lan.html", address=None)
    url = f"{settings.public_url}/"
    return render_template(
        "office/lan.html",
        address=settings.lan_address,
        there=_there(settings.lan_address),
        url=url,
        link=drawing(url),
        wifi=_wifi(settings),
        wifi_name=settings.wifi_name,
        wifi_password=settings.wifi_password,
    )


def _there(address: str) -> bool:
    """Tell whether this machine still has the hall's address."""
    found = {network.address for network in networks.found()}
    return address in found or address.startswith("127.")


def _wifi(settings: Settings) -> object:
    """Return the Wi-Fi's QR code where its name and password are known."""
    if settings.wifi_name is None or settings.wifi_password is None:
        return None
    return drawing(wifi_text(settings.wifi_name, settings.wifi_password))
