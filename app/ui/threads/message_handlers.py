"""The messages of the thread that is being edited, and their images."""

from __future__ import annotations

from msgspec.structs import replace

from app.core.model.threads import Image
from app.core.threads import editing
from app.ui.shell.actions_base import Action, Event
from app.ui.shell.dialogs import AddressDialog
from app.ui.shell.loop import App, Handler
from app.ui.threads.actions import (
    AddImageAddress,
    AddImageFile,
    AddMessage,
    AskImageAddress,
    DeleteMessage,
    DuplicateMessage,
    EditMessage,
    MoveMessage,
    RemoveImage,
    SetDetail,
    SetRole,
    TypeImageAddress,
)
from app.ui.threads.handlers import change, new_id, take_away

_IMAGE_TYPES = ("image/png", "image/jpeg", "image/webp", "image/gif")


def add_message(app: App, _action: AddMessage, _event: Event) -> None:
    change(app, editing.add_message(app.state.compose.thread, new_id(app, "m")))


def edit_message(app: App, action: EditMessage, event: Event) -> None:
    change(app, editing.set_text(app.state.compose.thread, action.id, event.text))


def set_role(app: App, action: SetRole, event: Event) -> None:
    if event.text in editing.ROLES:
        change(app, editing.set_role(app.state.compose.thread, action.id, event.text))


def move_message(app: App, action: MoveMessage, _event: Event) -> None:
    move = editing.move_up if action.by < 0 else editing.move_down
    change(app, move(app.state.compose.thread, action.id))


def duplicate_message(app: App, action: DuplicateMessage, _event: Event) -> None:
    change(app, editing.duplicate_message(app.state.compose.thread, action.id, new_id(app, "m")))


def delete_message(app: App, action: DeleteMessage, _event: Event) -> None:
    take_away(app, *editing.delete_message(app.state.compose.thread, action.id), "Message deleted.")


def ask_image(app: App, action: AskImageAddress, _event: Event) -> None:
    app.state.dialog = AddressDialog(action.id)


def type_address(app: App, _action: TypeImageAddress, event: Event) -> None:
    if isinstance(app.state.dialog, AddressDialog):
        app.state.dialog.text, app.state.dialog.fault = event.text, ""


def add_address(app: App, _action: AddImageAddress, event: Event) -> None:
    one = app.state.dialog
    if not isinstance(one, AddressDialog):
        return
    url = (event.text or one.text).strip()
    if not url.startswith(("https://", "http://", "data:image/")) or any(c.isspace() for c in url):
        one.fault = "An address begins with https:// and has no spaces."
        return
    name = "" if url.startswith("data:") else url.rsplit("/", 1)[-1][:80]
    change(app, editing.add_image(app.state.compose.thread, one.message, Image(url, name)))
    app.state.dialog = None


async def add_file(app: App, action: AddImageFile, event: Event) -> None:
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
        thread = editing.add_image(thread, action.id, image)
    change(app, thread)
    if isinstance(app.state.dialog, AddressDialog):
        app.state.dialog = None


def remove_image(app: App, action: RemoveImage, _event: Event) -> None:
    take_away(app, *editing.remove_image(app.state.compose.thread, action.id, action.index), "Image removed.")


def set_detail(app: App, action: SetDetail, event: Event) -> None:
    thread = app.state.compose.thread
    at = editing.index_of(thread, action.id)
    if at < 0 or event.text not in ("auto", "low", "high") or not 0 <= action.index < len(thread.messages[at].images):
        return
    message = thread.messages[at]
    images = [*message.images]
    images[action.index] = replace(images[action.index], detail=event.text)
    messages = [*thread.messages]
    messages[at] = replace(message, images=tuple(images))
    change(app, replace(thread, messages=tuple(messages)))


HANDLERS: dict[type[Action], Handler] = {
    AddMessage: add_message,
    EditMessage: edit_message,
    SetRole: set_role,
    MoveMessage: move_message,
    DuplicateMessage: duplicate_message,
    DeleteMessage: delete_message,
    AskImageAddress: ask_image,
    TypeImageAddress: type_address,
    AddImageAddress: add_address,
    AddImageFile: add_file,
    RemoveImage: remove_image,
    SetDetail: set_detail,
}
