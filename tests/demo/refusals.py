"""What goes wrong, and whether it is refused and said so that a person understands it."""

from prosody import make_authority


def check_alone(report, client):
    """While the client is not running."""
    report.act("What must be refused")
    wrong_authority(report, client)
    wrong_password(report, client)


def check_while_running(report, client):
    """While the client is running, in a room whose admin it is."""
    report.act("What goes wrong is said")
    second_process(report, client)
    unknown_account(report, client)


def text_of(events, name, **fields):
    return next((event.get("text", "") for event in events if event.matches(name, fields)), None)


def wrong_authority(report, client):
    status, events, _ = client.run_once(ca_file=make_authority(client.data, "stranger"))
    said = text_of(events, "disconnected", reason="certificate")
    report.line(client.user, f"({said})")
    report.check("a server whose certificate is of another CA is refused",
                 status == 5 and said and not any(event.name == "connected" for event in events), events)


def wrong_password(report, client):
    password_file = client.data / "wrong-password"
    password_file.touch(mode=0o600)
    password_file.write_text("not this one\n")
    status, events, _ = client.run_once(password_file=password_file)
    said = text_of(events, "disconnected", reason="password")
    report.line(client.user, f"({said})")
    report.check("a wrong password is told as such", status == 3 and said, events)


def second_process(report, client):
    status, _, errors = client.run_once()
    report.line(client.user, f"({errors.strip()})")
    report.check("a second client on the same data is refused", status == 6 and errors, errors)


def unknown_account(report, client):
    nobody = "nobody-of-this-name"
    begin = len(client.events)
    client.command(f"/invite {nobody}")
    error = client.expect("error", since=begin, account=f"{nobody}@{client.account.split('@')[1]}")
    report.check("inviting an account that is not there is told as such",
                 error["reason"] in ("unknown-account", "no-devices"), error.line)
