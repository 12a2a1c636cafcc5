"""Opening the zip files that office documents are: bombs, passwords, broken parts and entities end in one sentence."""

import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from xml.etree import ElementTree

import defusedxml
import defusedxml.ElementTree
from docx.oxml.exceptions import XmlchemyError

from cppcc_office.lib.sheets.tables import Unreadable

MAX_ENTRIES = 2_000
MAX_UNPACKED = 100 * 1024 * 1024
# Deflate reaches about 1000:1 on a bomb; the emptiest formatted sheets of an office stay below 100:1.
MAX_RATIO = 200
RATIO_COUNTS_FROM = 5 * 1024 * 1024
CHUNK = 1024 * 1024

BROKEN = "文件已损坏，打不开；请在 WPS 或 Excel 中重新保存后再上传。"
LOCKED = "文件设有打开密码，读不了；请取消密码后再上传。"
BOMB = "文件解压后大得不正常，为安全起见没有读取；请把内容复制到一个新建的文件里再上传。"
ENTITIES = "文件里含有办公软件不会写入的实体定义，为安全起见没有读取；请把内容复制到一个新建的文件里再上传。"


@contextmanager
def told_when_broken() -> Iterator[None]:
    """Whatever a damaged zip or XML part raises becomes one sentence."""
    try:
        yield
    except defusedxml.DefusedXmlException as error:
        raise Unreadable(ENTITIES) from error
    except Unreadable:
        raise
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        OSError,  # bz2, and seeks to nowhere
        NotImplementedError,  # a compression method that office files do not use
        RuntimeError,  # an encrypted entry, or a library telling of a broken stream
        LookupError,  # a part that is not there, an encoding nobody knows
        ValueError,  # numbers that are none
        OverflowError,
        SyntaxError,  # how both XML parsers tell of what is no XML
        XmlchemyError,  # how python-docx tells of a missing element
    ) as error:
        raise Unreadable(BROKEN) from error


def open_archive(data: bytes) -> zipfile.ZipFile:
    """The zip file, after looking at its list only: nothing is unpacked before the sizes are known to be sane.

    Python's zipfile never unpacks more than the size listed, so a list that lies cannot do harm either.
    """
    with told_when_broken():
        archive = zipfile.ZipFile(io.BytesIO(data))
        entries = archive.infolist()
    if any(entry.flag_bits & 1 for entry in entries):
        raise Unreadable(LOCKED)
    if len(entries) > MAX_ENTRIES or sum(entry.file_size for entry in entries) > MAX_UNPACKED:
        raise Unreadable(BOMB)
    for entry in entries:
        if entry.file_size > RATIO_COUNTS_FROM and entry.file_size > MAX_RATIO * max(entry.compress_size, 1):
            raise Unreadable(BOMB)
    with told_when_broken():
        for entry in entries:
            if entry.filename.endswith((".xml", ".rels")):
                _look_through(archive, entry)
    return archive


def _look_through(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    """An XML part is as long as listed, sound by its checksum, and brings no document type and so no entities.

    The libraries that come after have readers of their own, which may be less strict.
    """
    with archive.open(entry) as part:
        # Whether a part that is no XML is needed at all, its reader knows. A document type can only stand before
        # the root element, so looking that far is looking far enough.
        with suppress(ElementTree.ParseError):
            next(iter(defusedxml.ElementTree.iterparse(part, events=("start",), forbid_dtd=True)), None)
        while part.read(CHUNK):
            pass


def parse_part(archive: zipfile.ZipFile, name: str) -> ElementTree.Element:
    """The whole tree of a part that is small by nature."""
    with archive.open(name) as part:
        return ElementTree.parse(part).getroot()


def local(tag: str) -> str:
    """The tag without its namespace: strict and transitional files differ in nothing else."""
    return tag.rpartition("}")[2]


def attribute(element: ElementTree.Element, name: str) -> str:
    """The attribute by its local name, '' where missing."""
    for key, value in element.attrib.items():
        if local(key) == name:
            return value
    return ""


def child(element: ElementTree.Element | None, name: str) -> ElementTree.Element | None:
    """The first child of that local name."""
    return next((each for each in element if local(each.tag) == name), None) if element is not None else None
