"""The words of the security module: what is signed, by which key, and the port that signs it."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol

from tollcentre.core.refusal import Reason

MASTER_KEYS_MISSING = Reason(
    "master_keys_missing",
    "加密机没有密钥：{place} 不存在，请先运行 tollcentre setup",
    "the security module has no keys: {place} does not exist, run `tollcentre setup` first",
)
MASTER_KEYS_MALFORMED = Reason(
    "master_keys_malformed",
    "密钥 {place} 的第 {row} 项不可用：应有 issuer_id、algorithm、key_version 和 32 位十六进制 key",
    "keys {place}: item {row} cannot be used: it needs issuer_id, algorithm, key_version and a key "
    "of 32 hex digits",
)
NO_SUCH_MASTER_KEY = Reason(
    "no_such_master_key",
    "加密机没有发行方 {issuer_id} 算法 {algorithm} 版本 {key_version} 的主密钥",
    "the security module holds no master key of issuer {issuer_id}, algorithm {algorithm}, "
    "version {key_version}",
)
TAC_DATA_MALFORMED = Reason(
    "tac_data_malformed",
    "认证数据 {name} 不能签名：{value}",
    "TAC data: {name} cannot be signed: {value}",
)


class TacAlgorithm(IntEnum):
    """算法标识 (algorithmIdentifier)."""

    TRIPLE_DES = 1
    SM4 = 2


@dataclass(frozen=True)
class MasterKeyName:
    """Which master key is meant; the key itself stays in the security module."""

    issuer_id: str
    algorithm: TacAlgorithm
    key_version: int


@dataclass(frozen=True)
class TacData:
    """What a medium signs when it is charged; the fee in fen, the time in epoch seconds.

    `trans_type` is 06 or 09, `terminal_no` 12 and `terminal_trans_no` 8 hex digits.
    """

    trans_fee_fen: int
    trans_type: str
    terminal_no: str
    terminal_trans_no: str
    trans_time: int


class Hsm(Protocol):
    """The port of a security module: it signs and verifies, and gives no key away."""

    def tac(self, name: MasterKeyName, medium_no: str, data: TacData) -> str:
        """The TAC that this medium makes of the data, 8 hex digits.

        Refuses a master key that is not held, and data that cannot be signed.
        """

    def verify(self, name: MasterKeyName, medium_no: str, data: TacData, tac: str) -> bool:
        """Whether this medium made this TAC of the data; also no where the key is not held."""
