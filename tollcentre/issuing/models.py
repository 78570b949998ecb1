"""Tables of issuing."""

from django.db import models

from .rules.numbers import number_of


class Medium(models.Model):
    """An OBU or card that was issued; inserted once."""

    medium_no = models.CharField(max_length=20, primary_key=True)
    issuer_id = models.CharField(max_length=6)
    card_type = models.SmallIntegerField()
    vehicle_id = models.CharField(max_length=20)
    vehicle_type = models.SmallIntegerField()
    enabled_from = models.DateField()
    enabled_to = models.DateField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(enabled_to__gte=models.F("enabled_from")),
                name="medium_enabled_days",
            ),
        ]


class EtcAccountHistory(models.Model):
    """From a moment on the account of a medium stands so; inserted once."""

    medium = models.ForeignKey(
        Medium, on_delete=models.PROTECT, related_name="+", db_index=False, db_column="medium_no"
    )
    state_from = models.BigIntegerField()
    state = models.CharField(max_length=16)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["medium", "state_from"], name="one_account_state_a_moment"
            ),
        ]


class Customer(models.Model):
    """A person or company that media are issued to (客户); personal data is sealed."""

    issuer_id = models.CharField(max_length=6)
    kind = models.CharField(max_length=8)
    id_type = models.CharField(max_length=3)
    id_digest = models.CharField(max_length=32)
    id_number = models.BinaryField()
    name = models.BinaryField()
    name_digest = models.CharField(max_length=32, db_index=True)
    phone = models.BinaryField()
    phone_digest = models.CharField(max_length=32, db_index=True)
    address = models.BinaryField()
    unit_code = models.CharField(max_length=32)
    registered_at = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["id_digest", "id_type"], name="one_customer_a_document")
        ]
        indexes = [models.Index(fields=["unit_code", "id"], name="customer_by_unit")]

    @property
    def customer_no(self) -> str:
        """The number of the customer, 20 digits."""
        return number_of(self.issuer_id, self.pk)


class Vehicle(models.Model):
    """A vehicle and whose it is, as its driving licence describes it now (车辆).

    Lengths in mm, masses in kg. Earlier descriptions are in the businesses that changed them.
    """

    vehicle_id = models.CharField(max_length=20, primary_key=True)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="vehicles")
    kind = models.CharField(max_length=12)
    vehicle_type = models.SmallIntegerField()
    seats = models.SmallIntegerField()
    length_mm = models.IntegerField()
    width_mm = models.IntegerField()
    height_mm = models.IntegerField()
    total_mass = models.IntegerField()
    axles = models.SmallIntegerField()
    car_train = models.BooleanField()
    use_character = models.CharField(max_length=32)
    vin = models.CharField(max_length=20)
    licensed_on = models.DateField(null=True)
    unit_code = models.CharField(max_length=32)

    class Meta:
        indexes = [models.Index(fields=["unit_code", "vehicle_id"], name="vehicle_by_unit")]


class Holding(models.Model):
    """A medium is that of a vehicle, from a moment until it is cancelled or replaced (在用介质)."""

    vehicle = models.ForeignKey(Vehicle, on_delete=models.PROTECT, related_name="holdings")
    medium = models.OneToOneField(Medium, on_delete=models.PROTECT, related_name="holding")
    kind = models.CharField(max_length=4)
    held_from = models.BigIntegerField()
    held_to = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["vehicle", "kind"], condition=models.Q(held_to=None),
                name="one_medium_of_a_kind",
            ),
            models.CheckConstraint(
                condition=models.Q(held_to=None) | models.Q(held_to__gte=models.F("held_from")),
                name="holding_ends_after",
            ),
        ]  # fmt: skip


class Contract(models.Model):
    """How the tolls of a card are paid (签约): a bank's account, or one prepaid with us."""

    card = models.OneToOneField(
        Medium, primary_key=True, on_delete=models.PROTECT, related_name="contract"
    )
    kind = models.CharField(max_length=8)
    bank = models.CharField(max_length=16)
    account = models.BinaryField()
    account_digest = models.CharField(max_length=32, db_index=True)
    signed_on = models.DateField()


class Business(models.Model):
    """One act of issuing at a counter or channel (业务); inserted once.

    `business_key` is the form's own: the same form again is the same business.
    """

    issuer_id = models.CharField(max_length=6)
    business_key = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=16)
    at = models.BigIntegerField()
    unit_code = models.CharField(max_length=32)
    clerk = models.CharField(max_length=150)
    vehicle = models.ForeignKey(Vehicle, on_delete=models.PROTECT, related_name="businesses")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="businesses")
    reason = models.CharField(max_length=200)
    content_digest = models.CharField(max_length=64)
    detail = models.JSONField()

    class Meta:
        indexes = [
            models.Index(fields=["unit_code", "at"], name="business_by_unit"),
            models.Index(fields=["kind", "at"], name="business_by_kind"),
        ]

    @property
    def business_no(self) -> str:
        """The number of the business, 20 digits."""
        return number_of(self.issuer_id, self.pk)


class PlateCheck(models.Model):
    """An enrolment's question whether its plate holds media elsewhere in the nation (全国核验)."""

    business = models.OneToOneField(
        Business, primary_key=True, on_delete=models.PROTECT, related_name="check_of_plate"
    )
    state = models.CharField(max_length=8)
    issuer_id = models.CharField(max_length=16, blank=True)
    fault = models.CharField(max_length=80, blank=True)
    tries = models.IntegerField()
    asked_at = models.BigIntegerField()
    next_try_at = models.BigIntegerField()
    settled_at = models.BigIntegerField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["next_try_at"], condition=models.Q(settled_at=None), name="check_waiting"
            )
        ]
