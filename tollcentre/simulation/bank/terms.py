"""The words of a simulated bank: faults, what becomes of a payment, refusals."""

from enum import IntEnum, StrEnum

from tollcentre.core.refusal import Reason

OTHER_CONTENT = Reason(
    "file_id_with_other_content",
    "文件号 {file_id} 已用于内容不同的文件",
    "file id {file_id} was used before with other content",
)
NAME_DISAGREES = Reason(
    "file_name_disagrees",
    "文件名 {name} 与文件号 {file_id} 不一致",
    "the file name {name} is not that of its id {file_id}",
)
NOT_FOR_US = Reason(
    "file_not_for_bank",
    "文件由 {sender} 发给 {receiver}，不归本行",
    "a file of {sender} to {receiver} is not for this bank",
)
KIND_NOT_TAKEN = Reason(
    "kind_not_for_bank", "银行不接收 {kind}", "the bank takes no file of kind {kind}"
)
INSTRUCTION_BEFORE = Reason(
    "instruction_before",
    "付款指令 {instruction_id} 已在文件 {before} 中",
    "instruction {instruction_id} came before, in file {before}",
)


class Receiving(StrEnum):
    """Faults on a payment file; each once a file, on one arrival after the other."""

    crash_before_taking = "crash_before_taking"
    crash_before_answer = "crash_before_answer"
    receipt_dropped = "receipt_dropped"
    receipt_wrong_count = "receipt_wrong_count"
    receipt_wrong_amount = "receipt_wrong_amount"
    receipt_wrong_digest = "receipt_wrong_digest"


class Sending(StrEnum):
    """Faults on a file of the bank; drawn by what caused the file."""

    delay = "delay"
    reorder = "reorder"
    duplicate = "duplicate"
    drop = "drop"
    wrong_count = "wrong_count"
    wrong_amount = "wrong_amount"
    wrong_digest = "wrong_digest"
    other_content = "other_content"


class Booking(StrEnum):
    """What makes a statement hard to match; it is true all the same."""

    missing_reference = "missing_reference"
    joint_credit = "joint_credit"
    several_credits = "several_credits"


class PaymentState(StrEnum):
    """What has become of an instruction; returned: was paid and came back."""

    pending = "pending"
    paid = "paid"
    refused = "refused"
    returned = "returned"


class PaymentResult(IntEnum):
    """What a `payment_result` says of an instruction."""

    PAID = 0
    ACCOUNT_CLOSED = 1
    NAME_DISAGREES = 2
    REJECTED = 3


NOTES = {
    PaymentResult.PAID: "已付",
    PaymentResult.ACCOUNT_CLOSED: "收款账户已销户",
    PaymentResult.NAME_DISAGREES: "户名与账号不符",
    PaymentResult.REJECTED: "收款行退回",
}
