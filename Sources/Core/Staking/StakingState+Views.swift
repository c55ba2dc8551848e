// SPDX-License-Identifier: Apache-2.0

public import Bytes

/// One entry that unbonds, with the height at which it began.
public struct UnbondingEntryView: Hashable, Sendable {
    /// The height.
    public let height: UInt64
    /// The entry.
    public let entry: UnbondingEntry
}

/// What can be looked up about a delegator.
extension StakingState {
    /// What of a delegator's coins is on its way out of a validator's stake, the oldest first.
    public func unbondingEntries(
        of delegator: Bytes20, from operatorAddress: Bytes20
    ) throws(StakingFault) -> [UnbondingEntryView] {
        let prefix = StakingKey.unbonding(from: operatorAddress, by: delegator)
        var views: [UnbondingEntryView] = []
        for found in store.entries(prefix: prefix) {
            var reader = ByteReader(found.key[prefix.count...])
            let height: UInt64
            do throws(DecodeFault) {
                height = try reader.bigEndian()
                try reader.finish()
            } catch {
                throw .state("a key of an entry that unbonds: \(error)")
            }
            views.append(UnbondingEntryView(height: height, entry: try read(found.value)))
        }
        return views
    }

    /// What a delegator has taken from a validator to another one, and still answers for there.
    public func redelegation(
        of delegator: Bytes20, from operatorAddress: Bytes20
    ) throws(StakingFault) -> Redelegation? {
        try load(StakingKey.redelegation(from: operatorAddress, by: delegator))
    }
}

extension StakedValidator {
    /// What so many shares are worth, rounded down.
    public func coins(of some: UInt64) throws(StakingFault) -> UInt64 {
        do throws(ArithmeticFault) { return try worth(of: some) } catch { throw .arithmetic }
    }
}
