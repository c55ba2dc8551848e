// SPDX-License-Identifier: Apache-2.0

internal import Bytes

/// Where each entity lies: a byte for its kind, then what names it, all of fixed size.
///
/// Specified in Protocol/21-staking.md#entities.
enum StakingKey {
    static let totals: [UInt8] = [0x01]
    static let clock: [UInt8] = [0x02]
    static let prices: [UInt8] = [0x03]
    static let validators: [UInt8] = [0x10]
    static let committees: [UInt8] = [0x20]
    static let blocks: [UInt8] = [0x21]
    static let unbondingQueue: [UInt8] = [0x15]
    static let redelegationQueue: [UInt8] = [0x18]
    static let secondSteps: [UInt8] = [0x31]
    static let faults: [UInt8] = [0x30]
    static let audits: [UInt8] = [0x40]
    static let challenges: [UInt8] = [0x42]

    static func validator(_ operator: Bytes20) -> [UInt8] { [0x10] + `operator`.array }
    static func description(_ operator: Bytes20) -> [UInt8] { [0x11] + `operator`.array }
    static func consensusKey(_ address: Bytes20) -> [UInt8] { [0x12] + address.array }
    static func delegations(to operator: Bytes20) -> [UInt8] { [0x13] + `operator`.array }
    static func delegation(to operator: Bytes20, by delegator: Bytes20) -> [UInt8] {
        delegations(to: `operator`) + delegator.array
    }
    static func unbonding(from operator: Bytes20) -> [UInt8] { [0x14] + `operator`.array }
    static func unbonding(from operator: Bytes20, by delegator: Bytes20) -> [UInt8] {
        unbonding(from: `operator`) + delegator.array
    }
    static func unbonding(
        from operator: Bytes20, by delegator: Bytes20, height: UInt64
    ) -> [UInt8] {
        unbonding(from: `operator`, by: delegator) + bytes(height)
    }
    static func unbondingDue(
        _ time: UInt64, operator: Bytes20, delegator: Bytes20, height: UInt64
    ) -> [UInt8] {
        unbondingQueue + bytes(time) + `operator`.array + delegator.array + bytes(height)
    }
    static func redelegations(from source: Bytes20) -> [UInt8] { [0x16] + source.array }
    static func redelegation(from source: Bytes20, by delegator: Bytes20) -> [UInt8] {
        redelegations(from: source) + delegator.array
    }
    static func arrivals(at destination: Bytes20, of delegator: Bytes20) -> [UInt8] {
        [0x17] + destination.array + delegator.array
    }
    static func redelegationDue(
        _ time: UInt64, source: Bytes20, delegator: Bytes20
    ) -> [UInt8] {
        redelegationQueue + bytes(time) + source.array + delegator.array
    }
    static func withdrawAddress(_ account: Bytes20) -> [UInt8] { [0x19] + account.array }
    static func committee(_ epoch: UInt64) -> [UInt8] { committees + bytes(epoch) }
    static func block(_ height: UInt64) -> [UInt8] { blocks + bytes(height) }
    static func duty(_ operator: Bytes20) -> [UInt8] { [0x22] + `operator`.array }
    static func misses(_ operator: Bytes20, part: UInt8) -> [UInt8] {
        [0x23] + `operator`.array + [part]
    }
    static func fault(_ epoch: UInt64, _ operator: Bytes20, _ kind: UInt8) -> [UInt8] {
        faults + bytes(epoch) + `operator`.array + [kind]
    }
    static func secondStep(
        due: UInt64, epoch: UInt64, _ operator: Bytes20, _ kind: UInt8
    ) -> [UInt8] {
        secondSteps + bytes(due) + bytes(epoch) + `operator`.array + [kind]
    }
    static func audit(_ operator: Bytes20) -> [UInt8] { audits + `operator`.array }
    static func losses(_ operator: Bytes20) -> [UInt8] { [0x41] + `operator`.array }
    static func loss(_ operator: Bytes20, from height: UInt64) -> [UInt8] {
        losses(`operator`) + bytes(height)
    }
    static func challenge(_ id: UInt64) -> [UInt8] { challenges + bytes(id) }

    static func bytes(_ number: UInt64) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(bigEndian: number)
        return bytes
    }
}
