// SPDX-License-Identifier: Apache-2.0

public import Bytes
public import Chain
internal import Staking

/// Who sat where.
extension LedgerTransition {
    /// How many epochs back a seat is looked for; committees whose headers are still trusted have
    /// fewer between them where epochs take ten minutes.
    public static let seatEpochsMax: UInt64 = 1_024

    /// The latest epoch up to one in whose committee somebody stands, and the place there.
    public func seat(
        of address: Bytes20, upTo epoch: Epoch, on state: LedgerState
    ) -> (epoch: Epoch, place: Int)? {
        guard let staking = rules.staking else { return nil }
        let staked = state.staking(staking)
        var number = epoch.value
        for _ in 0...min(Self.seatEpochsMax, epoch.value) {
            do throws(StakingFault) {
                if let set = try staked.committee(of: number)?.set,
                    let place = set.place(of: address)
                {
                    return (Epoch(number), place)
                }
            } catch {
                return nil
            }
            number &-= 1
        }
        return nil
    }
}
