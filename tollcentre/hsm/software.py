"""A security module in software: the port answered from keys held in memory."""

import hmac
from collections.abc import Mapping
from typing import Any

from tollcentre.core.clock import day_of
from tollcentre.core.dated import value_at
from tollcentre.core.refusal import Refusal

from .rules import (
    des_subkey,
    des_tac,
    number_factor,
    sm4_subkey,
    sm4_tac,
    tac_message,
)
from .terms import NO_SUCH_MASTER_KEY, TAC_DATA_MALFORMED, MasterKeyName, TacAlgorithm, TacData

PROVINCE_DIGITS = 2


class SoftwareHsm:
    """Holds master keys and what the region makes of them; shows neither."""

    def __init__(
        self, master_keys: Mapping[MasterKeyName, bytes], parameters: Mapping[str, Any]
    ) -> None:
        self._master_keys = dict(master_keys)
        self._parameters = parameters
        self._regional: dict[tuple[MasterKeyName, str], bytes] = {}

    def __repr__(self) -> str:
        return f"<SoftwareHsm of {len(self._master_keys)} master keys>"

    def __reduce__(self) -> Any:
        raise TypeError("a security module is not written down")

    def tac(self, name: MasterKeyName, medium_no: str, data: TacData) -> str:
        """The TAC that this medium makes of the data, 8 hex digits.

        Refuses a master key that is not held, and data that cannot be signed.
        """
        message = tac_message(data)
        factor = number_factor(medium_no)
        day = day_of(data.trans_time)
        regional = self._regional_key(name, value_at(self._parameters["region"], day))
        if name.algorithm == TacAlgorithm.TRIPLE_DES:
            code = des_tac(des_subkey(regional, factor), message)
        else:
            fold = value_at(self._parameters["sm4_fold"], day)
            code = sm4_tac(sm4_subkey(regional, factor), message, fold)
        return code.hex().upper()

    def verify(self, name: MasterKeyName, medium_no: str, data: TacData, tac: str) -> bool:
        """Whether this medium made this TAC of the data.

        No where the master key is not held or the data cannot be signed: nothing was proved.
        """
        try:
            made = self.tac(name, medium_no, data)
        except Refusal:
            return False
        return hmac.compare_digest(made.encode(), tac.upper().encode())

    def _regional_key(self, name: MasterKeyName, regions: Mapping[str, str]) -> bytes:
        """The issuer's key of its region: the same for all its media, so made once."""
        if name not in self._master_keys:
            raise Refusal(
                NO_SUCH_MASTER_KEY, "key_version", issuer_id=name.issuer_id,
                algorithm=int(name.algorithm), key_version=name.key_version,
            )  # fmt: skip
        region = regions.get(name.issuer_id[:PROVINCE_DIGITS])
        if region is None:
            raise Refusal(TAC_DATA_MALFORMED, "issuer_id", name="issuer_id", value=name.issuer_id)
        if (name, region) not in self._regional:
            subkey = des_subkey if name.algorithm == TacAlgorithm.TRIPLE_DES else sm4_subkey
            made = subkey(self._master_keys[name], region.encode("gbk") * 2)
            self._regional[name, region] = made
        return self._regional[name, region]
