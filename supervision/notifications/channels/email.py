"""Mail through the office's own server."""

import smtplib
import ssl
from contextlib import closing
from email.utils import formataddr, make_msgid

from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend
from django.core.validators import validate_email

from supervision.notifications.channels.outgoing import DeliveryFailed, Message, text_of
from supervision.notifications.enums import Security
from supervision.notifications.models import Channel

TIMEOUT = 10  # seconds
LONGEST = 20_000  # characters
SENDER = "督查督办"
_FOR_GOOD = 500  # an SMTP reply from here on means: do not try this again


def send_mail(channel: Channel, address: str, message: Message) -> None:
    """Raises DeliveryFailed; the errors of a whole server are tried again, those of an address are not."""
    try:
        validate_email(address)
    except ValidationError:
        raise DeliveryFailed("没有邮箱地址，或邮箱地址不对", for_good=True, of_recipient=True) from None
    server = _server(channel)
    mail = EmailMessage(
        message.subject,
        text_of(message, fits=lambda text: len(text) <= LONGEST),
        formataddr((SENDER, channel.sender)),
        [address],
        connection=server,
        headers={"Message-ID": make_msgid(message.mark or None, domain=channel.sender.rsplit("@", 1)[1])},
    )
    try:
        with closing(server):  # also of what broke off half-way
            mail.send()
    except smtplib.SMTPRecipientsRefused as refusal:
        code = max(code for code, _ in refusal.recipients.values())
        words = f"邮件服务器不接受收件人（{code}）"
        raise DeliveryFailed(words, for_good=code >= _FOR_GOOD, of_recipient=True) from None
    except smtplib.SMTPAuthenticationError:
        raise DeliveryFailed("邮件服务器不接受用户名和密码") from None
    except smtplib.SMTPResponseException as reply:
        raise DeliveryFailed(f"邮件服务器答复 {reply.smtp_code}") from None
    except (smtplib.SMTPException, ssl.SSLError):
        raise DeliveryFailed("邮件服务器没有按约定应答，请核对端口和加密方式") from None
    except OSError:
        raise DeliveryFailed("连接不上邮件服务器") from None
    except UnicodeError:  # SMTP knows ASCII only
        raise DeliveryFailed("服务器名、用户名或密码里有不能用的字符，请系统管理员核对") from None


def _server(channel: Channel) -> EmailBackend:
    return EmailBackend(
        host=channel.host,
        port=channel.port,
        username=channel.username,
        password=channel.secret,
        use_tls=channel.security == Security.STARTTLS,
        use_ssl=channel.security == Security.TLS,
        timeout=TIMEOUT,
    )
