"""The messages of the thread that is being edited, and their images."""

from __future__ import annotations

from msgspec.structs import replace

from app.core import threads
from app.core.records import Image
from app.ui import actions
from app.ui.actions import Action, Event
from app.ui.app import App, Handler
from app.ui.dialogs import AddressDialog
from app.ui.handlers.compose import change, new_id, take_away

_IMAGE_TYPES = ("image/png", "image/jpeg", "image/webp", "image/gif")


def add_message(app: App, _action: actions.AddMessage, _event: Event) -> None:
    change(app, threads.add_message(app.state.compose.thread, new_id(app, "m")))


def edit_message(app: App, action: actions.EditMessage, event: Event) -> None:
    change(app, threads.set_text(app.state.compose.thread, action.id, event.text))


def set_role(app: App, action: actions.SetRole, event: Event) -> None:
    if event.text in threads.ROLES:
        change(app, threads.set_role(app.state.compose.thread, action.id, event.text))


def move_message(app: App, action: actions.MoveMessage, _event: Event) -> None:
    move = threads.move_up if action.by < 0 else threads.move_down
    change(app, move(app.state.compose.thread, action.id))


def duplicate_message(app: App, action: actions.DuplicateMessage, _event: Event) -> None:
    change(app, threads.duplicate_message(app.state.compose.thread, action.id, new_id(app, "m")))


def delete_message(app: App, action: actions.DeleteMessage, _event: Event) -> None:
    take_away(app, *threads.delete_message(app.state.compose.thread, action.id), "Message deleted.")


def ask_image(app: App, action: actions.AskImageAddress, _event: Event) -> None:
    app.state.dialog = AddressDialog(action.id)


def type_address(app: App, _action: actions.TypeImageAddress, event: Event) -> None:
    if isinstance(app.state.dialog, AddressDialog):
        app.state.dialog.text, app.state.dialog.fault = event.text, ""


def add_address(app: App, _action: actions.AddImageAddress, event: Event) -> None:
    one = app.state.dialog
    if not isinstance(one, AddressDialog):
        return
    url = (event.text or one.text).strip()
    if not url.startswith(("https://", "http://", "data:image/")) or any(c.isspace() for c in url):
        one.fault = "An address begins with https:// and has no spaces."
        return
    name = "" if url.startswith("data:") else url.rsplit("/", 1)[-1][:80]
    change(app, threads.add_image(app.state.compose.thread, one.message, Image(url, name)))
    app.state.dialog = None


async def add_file(app: App, action: actions.AddImageFile, event: Event) -> None:
    found: list[Image] = []
    for file in event.value if isinstance(event.value, list) else []:
        name, url = str(file.get("name", "")), file.get("data")
        if file.get("error") == "too_big":
            app.toast(f"{name} is too large for a request.")
        elif not isinstance(url, str) or not url.startswith(tuple(f"data:{one}" for one in _IMAGE_TYPES)):
            app.toast(f"{name} is not a PNG, JPEG, WebP or GIF image.")
        else:
            found.append(Image(url, name))
    if not found:
        return
    owner = app.state.compose.thread.id
    kept = await app.services.images.keep(found)
    thread = app.state.compose.thread
    if thread.id != owner:
        return  # another thread was opened meanwhile
    for image in kept:
        thread = threads.add_image(thread, action.id, image)
    change(app, thread)
    if isinstance(app.state.dialog, AddressDialog):
        app.state.dialog = None


def remove_image(app: App, action: actions.RemoveImage, _event: Event) -> None:
    take_away(app, *threads.remove_image(app.state.compose.thread, action.id, action.index), "Image removed.")


def set_detail(app: App, action: actions.SetDetail, event: Event) -> None:
    thread = app.state.compose.thread
    at = threads.index_of(thread, action.id)
    if at < 0 or event.text not in ("auto", "low", "high") or not 0 <= action.index < len(thread.messages[at].images):
        return
    message = thread.messages[at]
    images = [*message.images]
    images[action.index] = replace(images[action.index], detail=event.text)
    messages = [*thread.messages]
    messages[at] = replace(message, images=tuple(images))
    change(app, replace(thread, messages=tuple(messages)))


HANDLERS: dict[type[Action], Handler] = {
    actions.AddMessage: add_message,
    actions.EditMessage: edit_message,
    actions.SetRole: set_role,
    actions.MoveMessage: move_message,
    actions.DuplicateMessage: duplicate_message,
    actions.DeleteMessage: delete_message,
    actions.AskImageAddress: ask_image,
    actions.TypeImageAddress: type_address,
    actions.AddImageAddress: add_address,
    actions.AddImageFile: add_file,
    actions.RemoveImage: remove_image,
    actions.SetDetail: set_detail,
}
