"""The page's entry script, run by PyScript: start the program, or say why it did not start."""

from app.adapters import boot

boot.mark("python")
try:
    from app.bootstrap import start

    await start()  # type: ignore[top-level-await]
except Exception as error:
    boot.failed(error)
else:
    boot.ready()
