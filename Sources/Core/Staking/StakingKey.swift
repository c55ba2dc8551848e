// SPDX-License-Identifier: Apache-2.0

package import Bytes

/// Where each entity lies: a byte for its kind, then what names it, all of fixed size.
///
/// Specified in Protocol/21-staking.md#entities.
package enum StakingKey {
    package static let totals: [UInt8] = [0x01]
    package static let clock: [UInt8] = [0x02]
    package static let prices: [UInt8] = [0x03]
    package static let validators: [UInt8] = [0x10]
    package static let descriptions: [UInt8] = [0x11]
    package static let committees: [UInt8] = [0x20]
    package static let blocks: [UInt8] = [0x21]
    package static let parents: [UInt8] = [0x24]
    package static let unbondingQueue: [UInt8] = [0x15]
    package static let redelegationQueue: [UInt8] = [0x18]
    package static let secondSteps: [UInt8] = [0x31]
    package static let faults: [UInt8] = [0x30]
    package static let audits: [UInt8] = [0x40]
    package static let challenges: [UInt8] = [0x42]

    package static func validator(_ operator: Bytes20) -> [UInt8] { [0x10] + `operator`.array }
    package static func description(_ operator: Bytes20) -> [UInt8] { [0x11] + `operator`.array }
    package static func consensusKey(_ address: Bytes20) -> [UInt8] { [0x12] + address.array }
    package static func delegations(to operator: Bytes20) -> [UInt8] { [0x13] + `operator`.array }
    package static func delegation(to operator: Bytes20, by delegator: Bytes20) -> [UInt8] {
        delegations(to: `operator`) + delegator.array
    }
    package static func unbonding(from operator: Bytes20) -> [UInt8] { [0x14] + `operator`.array }
    package static func unbonding(from operator: Bytes20, by delegator: Bytes20) -> [UInt8] {
        unbonding(from: `operator`) + delegator.array
    }
    package static func unbonding(
        from operator: Bytes20, by delegator: Bytes20, height: UInt64
    ) -> [UInt8] {
        unbonding(from: `operator`, by: delegator) + bytes(height)
    }
    package static func unbondingDue(
        _ time: UInt64, operator: Bytes20, delegator: Bytes20, height: UInt64
    ) -> [UInt8] {
        unbondingQueue + bytes(time) + `operator`.array + delegator.array + bytes(height)
    }
    package static func redelegations(from source: Bytes20) -> [UInt8] { [0x16] + source.array }
    package static func redelegation(from source: Bytes20, by delegator: Bytes20) -> [UInt8] {
        redelegations(from: source) + delegator.array
    }
    package static func arrivals(at destination: Bytes20, of delegator: Bytes20) -> [UInt8] {
        [0x17] + destination.array + delegator.array
    }
    package static func redelegationDue(
        _ time: UInt64, source: Bytes20, delegator: Bytes20
    ) -> [UInt8] {
        redelegationQueue + bytes(time) + source.array + delegator.array
    }
    package static func withdrawAddress(_ account: Bytes20) -> [UInt8] { [0x19] + account.array }
    package static func committee(_ epoch: UInt64) -> [UInt8] { committees + bytes(epoch) }
    package static func block(_ height: UInt64) -> [UInt8] { blocks + bytes(height) }
    package static func duty(_ operator: Bytes20) -> [UInt8] { [0x22] + `operator`.array }
    package static func misses(_ operator: Bytes20, part: UInt8) -> [UInt8] {
        [0x23] + `operator`.array + [part]
    }
    package static func parent(_ height: UInt64) -> [UInt8] { parents + bytes(height) }
    package static func fault(_ epoch: UInt64, _ operator: Bytes20, _ kind: UInt8) -> [UInt8] {
        faults + bytes(epoch) + `operator`.array + [kind]
    }
    package static func secondStep(
        due: UInt64, epoch: UInt64, _ operator: Bytes20, _ kind: UInt8
    ) -> [UInt8] {
        secondSteps + bytes(due) + bytes(epoch) + `operator`.array + [kind]
    }
    package static func audit(_ operator: Bytes20) -> [UInt8] { audits + `operator`.array }
    package static func losses(_ operator: Bytes20) -> [UInt8] { [0x41] + `operator`.array }
    package static func loss(_ operator: Bytes20, from height: UInt64) -> [UInt8] {
        losses(`operator`) + bytes(height)
    }
    package static func challenge(_ id: UInt64) -> [UInt8] { challenges + bytes(id) }

    package static func bytes(_ number: UInt64) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(bigEndian: number)
        return bytes
    }
}
