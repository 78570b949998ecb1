"""The pack protocol (拓展): XML of a header and a body, after schemas of this house."""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from threading import Lock
from typing import Any

from lxml import etree

from ...terms import (
    FIELD_MISSING,
    FIELD_UNKNOWN,
    MARKUP_REFUSED,
    SCHEMA_BROKEN,
    Envelope,
    MessageFault,
    Parcel,
    Protocol,
    ResultCode,
)
from ..definitions import PARAMETERS
from .checks import (
    agree,
    counts_inside,
    deepest,
    kind_of,
    known_version,
    same_value,
    totals_of,
    unreadable,
    within,
)
from .kinds import MessageColumn, MessageKind, rulebook
from .values import read_row, read_rows, shown, whole, write_row

DECLARATION = re.compile(r"<\?xml[^?<>]*\?>")
MARKUP = re.compile(r"<[!?].{0,8}", re.DOTALL)
TAG = re.compile(r"<(/?)[^<>]*?(/?)>")
NUMBERS = ("message_class", "message_type", "content_type")
SCHEMA_WORDS = {
    "SCHEMAV_ELEMENT_CONTENT": "此处不应出现该元素，或缺少应有的元素",
    "SCHEMAV_CVC_ELT_1": "不是该报文的根元素",
    "SCHEMAV_CVC_PATTERN_VALID": "取值形式不符",
    "SCHEMAV_CVC_DATATYPE_VALID_1_2_1": "取值类型不符",
    "SCHEMAV_CVC_MAXLENGTH_VALID": "文本过长",
    "SCHEMAV_CVC_MININCLUSIVE_VALID": "数值过小",
    "SCHEMAV_CVC_TOTALDIGITS_VALID": "位数过多",
    "SCHEMAV_CVC_COMPLEX_TYPE_3_2_1": "不应有该属性",
    "SCHEMAV_CVC_COMPLEX_TYPE_4": "缺少应有的属性",
}
"""What a schema's complaint says in Chinese."""
VALIDATING = Lock()


def encode(
    *,
    kind: str,
    version: str,
    message_id: str,
    sender_id: str,
    receiver_id: str,
    sent_at: int,
    fields: Mapping[str, Any],
    records: Sequence[Mapping[str, Any]],
) -> bytes:
    """The XML of a pack, read back as its receiver will read it."""
    rules = rulebook(Protocol.PACK)
    known_version(rules, version, "version")
    spoken = kind_of(rules, kind, "kind")
    within(rules, "records_max", len(records))
    if records and not spoken.records:
        raise MessageFault(ResultCode.SCHEMA, FIELD_UNKNOWN, "records", name="records")
    wire = [
        write_row(spoken.records, counts_inside(spoken, record) | dict(record), f"records[{n}].")
        for n, record in enumerate(records, 1)
    ]
    rows = read_rows(spoken.records, wire, "records")
    envelope = {
        "version": version,
        "sender_id": sender_id,
        "receiver_id": receiver_id,
        "message_id": message_id,
        "sent_at": sent_at,
        **spoken.numbers,
    }
    own = [column for column in spoken.fields if not column.same_as]
    again = [column for column in spoken.fields if column.same_as]
    repeated = {column.name: envelope[column.same_as] for column in again}
    said = write_row(own, totals_of(spoken, rows) | dict(fields), "fields.")
    said |= write_row(again, repeated, "fields.")
    read_row(spoken.fields, said, "fields.")
    body = _written(spoken, envelope, said, wire)
    decode(body)
    return body


def decode(body: bytes) -> Parcel:
    """The message in a pack; refused by name and result where it is none."""
    rules = rulebook(Protocol.PACK)
    root = _tree(body)
    header = _header(root)
    try:
        kind = _kind(header)
        _follow_schema(root, kind.schema)
        content = root.find("Body")
        elements = content.findall(kind.rows) if kind.records else []
        within(rules, "records_max", len(elements))
        fields = read_row(kind.fields, _wire_row(content, kind.fields), "fields.")
        wire = [_wire_row(element, kind.records) for element in elements]
        records = tuple(read_rows(kind.records, wire, "records"))
        sent_at = _unrepeated(kind, header, fields)
        agree(kind, fields, records)
    except MessageFault as fault:
        fault.message_id = header["message_id"]
        raise
    envelope = Envelope(
        protocol=Protocol.PACK,
        kind=kind.name,
        version=header["version"],
        message_id=header["message_id"],
        sender_id=header["sender_id"],
        receiver_id=header["receiver_id"],
        sent_at=sent_at,
        count=fields.get("count", 0),
        amount_fen=fields.get("amount", 0),
        digest=hashlib.sha256(body).hexdigest(),
    )
    return Parcel(envelope, fields, records)


def _tree(body: bytes) -> Any:
    """The root element; what a pack may not hold is refused before and after it is parsed."""
    rules = rulebook(Protocol.PACK)
    within(rules, "bytes_max", len(body))
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise unreadable("XML", "不是 UTF-8 编码", "not UTF-8") from error
    _refuse_markup(text)
    within(rules, "tags_max", text.count("<"))
    within(rules, "depth_max", deepest(_steps(text)))
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
    )
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        raise unreadable("XML", f"第 {error.lineno} 行有语法错误", str(error.msg)) from error
    for element in root.iter():
        if not isinstance(element.tag, str) or "{" in element.tag + "".join(element.attrib):
            raise MessageFault(
                ResultCode.SCHEMA, MARKUP_REFUSED, shown(element.tag), what="namespace"
            )
    return root


def _refuse_markup(text: str) -> None:
    """Refuse `<!` and `<?` beyond the declaration: in a pack's text they can be nothing else."""
    declared = DECLARATION.match(text)
    markup = MARKUP.search(text, declared.end() if declared else 0)
    if markup:
        what = shown(markup.group())
        raise MessageFault(ResultCode.SCHEMA, MARKUP_REFUSED, what, what=what)


def _steps(text: str) -> Iterator[int]:
    """1 for each element that opens, -1 for each that closes."""
    for closing, empty in TAG.findall(text):
        yield -1 if closing else 1
        if empty and not closing:
            yield -1


def _header(root: Any) -> dict[str, Any]:
    """The header's values; its version first, since another one may look different."""
    rules = rulebook(Protocol.PACK)
    header, content = root.find("Header"), root.find("Body")
    for name, found in (("Message", root.tag == "Message"), ("Header", header is not None)):
        if not found:
            raise MessageFault(ResultCode.HEADER, FIELD_MISSING, name, name=name)
    texts = {element.tag: element.text or "" for element in header}
    if content is not None and "ContentType" in content.attrib:
        texts["ContentType"] = content.get("ContentType")
    columns = rules.columns["header"]
    version = {"Version": texts["Version"]} if "Version" in texts else {}
    spoken = [column for column in columns if column.official == "Version"]
    read = read_row(spoken, version, "Header.", ResultCode.HEADER)
    known_version(rules, read["version"], "Header.Version")
    numbers = {column.official for column in columns if column.type == "int"}
    wire = {name: whole(text) if name in numbers else text for name, text in texts.items()}
    return read_row(columns, wire, "Header.", ResultCode.HEADER)


def _kind(header: Mapping[str, Any]) -> MessageKind:
    """The kind that the header's numbers stand for."""
    rules = rulebook(Protocol.PACK)
    numbers = {name: header[name] for name in NUMBERS}
    for kind in rules.kinds.values():
        if kind.numbers == numbers:
            return kind
    return kind_of(rules, "/".join(map(str, numbers.values())), "Header.MessageType")


@lru_cache
def _schema(name: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(PARAMETERS / "exchange" / f"{name}.xsd"))


def _follow_schema(root: Any, name: str) -> None:
    """Refuse the first thing in which a pack does not follow its schema."""
    schema = _schema(name)
    with VALIDATING:
        if schema.validate(root):
            return
        first = schema.error_log[0]
    where = str(first.path).rpartition("/")[2] or "Message"
    raise MessageFault(
        ResultCode.SCHEMA,
        SCHEMA_BROKEN,
        shown(str(first.path)),
        name=shown(where),
        schema=name,
        why_zh=SCHEMA_WORDS.get(first.type_name, "内容不符"),
        why_en=shown(first.message.partition(": ")[2] or first.message),
    )


def _wire_row(element: Any, columns: Sequence[MessageColumn]) -> dict[str, Any]:
    """What an element holds of these columns, by their names on the wire."""
    row: dict[str, Any] = {}
    for column in columns:
        path = column.path or column.official
        if column.columns:
            row[column.official] = [
                _wire_row(inner, column.columns) for inner in element.findall(path)
            ]
        elif column.many:
            row[column.official] = tuple(inner.text or "" for inner in element.findall(path))
        else:
            text = element.get(path[1:]) if path[0] == "@" else element.findtext(path)
            row[column.official] = whole(text) if column.type == "int" else text
    return row


def _unrepeated(kind: MessageKind, header: Mapping[str, Any], fields: dict[str, Any]) -> int:
    """Take what the envelope says out of the fields; gives the time of sending, 0 where unsaid."""
    sent_at = 0
    for column in kind.fields:
        if column.same_as == "sent_at":
            sent_at = fields.pop(column.name)
        elif column.same_as:
            value = fields.pop(column.name)
            same_value(f"Body.{column.path or column.official}", value, header[column.same_as])
    return sent_at


def _written(
    kind: MessageKind,
    envelope: Mapping[str, Any],
    fields: Mapping[str, Any],
    records: Sequence[Mapping[str, Any]],
) -> bytes:
    columns = rulebook(Protocol.PACK).columns["header"]
    head = {column.name: envelope[column.name] for column in columns}
    head = write_row(columns, head, "Header.")
    read_row(columns, head, "Header.", ResultCode.HEADER)
    root = etree.Element("Message")
    header, content = etree.SubElement(root, "Header"), etree.SubElement(root, "Body")
    content.set("ContentType", str(head.pop("ContentType")))
    for name, value in head.items():
        etree.SubElement(header, name).text = str(value)
    _write(content, kind.fields, fields)
    for record in records:
        _write(etree.SubElement(content, kind.rows), kind.records, record)
    return bytes(etree.tostring(root, encoding="UTF-8", xml_declaration=True))


def _write(element: Any, columns: Sequence[MessageColumn], row: Mapping[str, Any]) -> None:
    """Put a row's values into the element, in the order of the columns."""
    for column in columns:
        if column.official not in row:
            continue
        path, value = column.path or column.official, row[column.official]
        if path[0] == "@":
            element.set(path[1:], str(value))
        elif column.columns:
            for inner in value:
                _write(etree.SubElement(element, path), column.columns, inner)
        else:
            *folders, name = path.split("/")
            parent = element
            for folder in folders:
                last = parent[-1] if len(parent) else None
                same = last is not None and last.tag == folder
                parent = last if same else etree.SubElement(parent, folder)
            for text in value.split("|") if column.many else [value]:
                etree.SubElement(parent, name).text = str(text)
