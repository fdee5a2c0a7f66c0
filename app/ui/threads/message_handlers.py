"""The messages of the thread that is being edited, and their images."""

from __future__ import annotations

from msgspec.structs import replace

from app.core.model.threads import Image
from app.core.threads import editing
from app.ui.base.actions_base import Action, Event
from app.ui.base.context import Context, Handler
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
from app.ui.threads.dialogs import AddressDialog
from app.ui.threads.handlers import change, new_id, take_away

_IMAGE_TYPES = ("image/png", "image/jpeg", "image/webp", "image/gif")


def add_message(context: Context, _action: AddMessage, _event: Event) -> None:
    change(context, editing.add_message(context.state.compose.thread, new_id(context, "m")))


def edit_message(context: Context, action: EditMessage, event: Event) -> None:
    change(context, editing.set_text(context.state.compose.thread, action.id, event.text))


def set_role(context: Context, action: SetRole, event: Event) -> None:
    if event.text in editing.ROLES:
        change(context, editing.set_role(context.state.compose.thread, action.id, event.text))


def move_message(context: Context, action: MoveMessage, _event: Event) -> None:
    move = editing.move_up if action.by < 0 else editing.move_down
    change(context, move(context.state.compose.thread, action.id))


def duplicate_message(context: Context, action: DuplicateMessage, _event: Event) -> None:
    change(context, editing.duplicate_message(context.state.compose.thread, action.id, new_id(context, "m")))


def delete_message(context: Context, action: DeleteMessage, _event: Event) -> None:
    take_away(context, *editing.delete_message(context.state.compose.thread, action.id), "Message deleted.")


def ask_image(context: Context, action: AskImageAddress, _event: Event) -> None:
    context.state.dialog = AddressDialog(action.id)


def type_address(context: Context, _action: TypeImageAddress, event: Event) -> None:
    if isinstance(context.state.dialog, AddressDialog):
        context.state.dialog.text, context.state.dialog.fault = event.text, ""


def add_address(context: Context, _action: AddImageAddress, event: Event) -> None:
    dialog = context.state.dialog
    if not isinstance(dialog, AddressDialog):
        return
    url = (event.text or dialog.text).strip()
    if not url.startswith(("https://", "http://", "data:image/")) or any(c.isspace() for c in url):
        dialog.fault = "An address begins with https:// and has no spaces."
        return
    name = "" if url.startswith("data:") else url.rsplit("/", 1)[-1][:80]
    change(context, editing.add_image(context.state.compose.thread, dialog.message, Image(url, name)))
    context.state.dialog = None


async def add_file(context: Context, action: AddImageFile, event: Event) -> None:
    found: list[Image] = []
    for file in event.value if isinstance(event.value, list) else []:
        name, url = str(file.get("name", "")), file.get("data")
        if file.get("error") == "too_big":
            context.toast(f"{name} is too large for a request.")
        elif not isinstance(url, str) or not url.startswith(tuple(f"data:{one}" for one in _IMAGE_TYPES)):
            context.toast(f"{name} is not a PNG, JPEG, WebP or GIF image.")
        else:
            found.append(Image(url, name))
    if not found:
        return
    owner = context.state.compose.thread.id
    kept = await context.services.images.keep(found)
    thread = context.state.compose.thread
    if thread.id != owner:
        return  # another thread was opened meanwhile
    for image in kept:
        thread = editing.add_image(thread, action.id, image)
    change(context, thread)
    if isinstance(context.state.dialog, AddressDialog):
        context.state.dialog = None


def remove_image(context: Context, action: RemoveImage, _event: Event) -> None:
    take_away(context, *editing.remove_image(context.state.compose.thread, action.id, action.index), "Image removed.")


def set_detail(context: Context, action: SetDetail, event: Event) -> None:
    thread = context.state.compose.thread
    at = editing.index_of(thread, action.id)
    if at < 0 or event.text not in ("auto", "low", "high") or not 0 <= action.index < len(thread.messages[at].images):
        return
    message = thread.messages[at]
    images = [*message.images]
    images[action.index] = replace(images[action.index], detail=event.text)
    messages = [*thread.messages]
    messages[at] = replace(message, images=tuple(images))
    change(context, replace(thread, messages=tuple(messages)))


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
