"""What others say of a message is kept without the recipient's address."""

import pytest

from core.masking import mask_addresses, masked_mail, masked_phone


@pytest.mark.parametrize(
    ("number", "shown"),
    [("+6281234567890", "+628•••890"), ("0812345678", "0812•••678"), ("081234567", "•••"), ("", "•••")],
)
def test_a_phone_number_shows_its_ends_only(number: str, shown: str) -> None:
    assert masked_phone(number) == shown


def test_a_mail_address_shows_its_first_letter_and_domain() -> None:
    assert masked_mail("sari@example.com") == "s•••@example.com"


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("(550) 5.1.1 <sari@example.com>: unknown user", "(550) 5.1.1 <s•••@example.com>: unknown user"),
        ("(550) RCPT TO:<a.b+c@x.co.id> and d@y.org no", "(550) RCPT TO:<a•••@x.co.id> and d•••@y.org no"),
        ('(553) "sari dewi"@example.com is bad', "(553) s•••@example.com is bad"),
        ("(550) /verify?to=sari%40example.com", "(550) /•••%40example.com"),
        ("(131026) +6281234567890 is no user", "(131026) +628•••890 is no user"),
        ("(131026) 6281234567890 is no user", "(131026) 6281•••890 is no user"),
        ("(131026) to=+62 812-3456-7890.", "(131026) to=+62 •••890."),
        ("(131026) (0812) 3456 7890", "(131026) (0812•••890"),
        ("(131026) wa_6281234567890", "(131026) wa_6281•••890"),
        ("(550) 6281234567890@c.us", "(550) 6•••@c.us"),
        ("(131026) 5551234", "(131026) •••"),
        ("(550) 5.1.1 no such user", "(550) 5.1.1 no such user"),
        ("(131047) more than 24 hours, error 131047", "(131047) more than 24 hours, error 131047"),
        (
            "(554) 192.168.100.25 is listed since 2026-11-23",
            "(554) 192.168.100.25 is listed since 2026-11-23",
        ),
        ("(HTTP 500)", "(HTTP 500)"),
        ("WHATSAPP_ACCESS_TOKEN", "WHATSAPP_ACCESS_TOKEN"),
        ("", ""),
    ],
)
def test_addresses_in_what_a_channel_said_are_masked(said: str, kept: str) -> None:
    assert mask_addresses(said) == kept
    assert mask_addresses(kept) == kept
