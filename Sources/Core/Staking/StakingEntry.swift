// SPDX-License-Identifier: Apache-2.0

public import Bytes

/// One key and its value of the state, as somebody hands them over.
///
/// Specified in Protocol/21-staking.md#entities.
public struct StakingEntry: Hashable, Sendable {
    /// The key.
    public let key: [UInt8]
    /// The value.
    public let value: [UInt8]

    /// Takes both, if the key is of a kind that there is and the value has its one form.
    public init(key: [UInt8], value: [UInt8]) throws(DecodeFault) {
        guard let kind = key.first, let form = Self.form(of: kind) else {
            throw .malformed("a key of no kind")
        }
        guard key.count == form.keySize else {
            throw DecodeFault(
                .wrongSize(field: "key", expected: form.keySize, actual: key.count))
        }
        guard try form.rewrite(value) == value else {
            throw .malformed("a value in another form")
        }
        self.key = key
        self.value = value
    }

    private typealias Form = (keySize: Int, rewrite: ([UInt8]) throws(DecodeFault) -> [UInt8])

    private static func form(of kind: UInt8) -> Form? {
        switch kind {
        case 0x01: entity(1, StakingTotals.self)
        case 0x02: entity(1, StakingClock.self)
        case 0x03: entity(1, BasePrices.self)
        case 0x10: entity(21, StakedValidator.self)
        case 0x11: entity(21, ValidatorDescription.self)
        case 0x12: entity(21, KeyOwner.self)
        case 0x13: entity(41, Delegation.self)
        case 0x14: entity(49, UnbondingEntry.self)
        case 0x15: plain(57, size: 0)
        case 0x16: entity(41, Redelegation.self)
        case 0x17: plain(61, size: 0)
        case 0x18: plain(49, size: 0)
        case 0x19: plain(21, size: 20)
        case 0x20: entity(9, CommitteeRecord.self)
        case 0x21: entity(9, BlockRecord.self)
        case 0x22: entity(21, DutyRecord.self)
        case 0x23: plain(22, size: 32)
        case 0x24: plain(9, size: 32)
        case 0x30: entity(30, FaultRecord.self)
        case 0x31: plain(38, size: 0)
        case 0x40: entity(21, AuditRecord.self)
        case 0x41: entity(29, LossReport.self)
        case 0x42: entity(9, Challenge.self)
        default: nil
        }
    }

    private static func entity<Entity: StakingEntity>(
        _ keySize: Int, _ type: Entity.Type
    ) -> Form {
        (keySize, { bytes throws(DecodeFault) in try Entity.decode(bytes).encode() })
    }

    private static func plain(_ keySize: Int, size: Int) -> Form {
        (
            keySize,
            { bytes throws(DecodeFault) in
                guard bytes.count == size else {
                    throw DecodeFault(
                        .wrongSize(field: "value", expected: size, actual: bytes.count))
                }
                return bytes
            }
        )
    }
}
