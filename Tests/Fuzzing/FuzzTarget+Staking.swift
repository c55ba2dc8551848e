// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Ledger
internal import Roles
internal import Staking

extension FuzzTarget {
    /// Messages and the state of staking.
    static let staking: [FuzzTarget] = [
        // The first byte names the type.
        .roundTrip(
            "staking-message",
            decode: { (input: [UInt8]) throws(DecodeFault) -> StakingMessage? in
                let types = StakingMessageType.allCases
                guard let first = input.first, Int(first) < types.count else { return nil }
                do throws(StakingFault) {
                    return try StakingMessage(
                        typeURL: types[Int(first)].rawValue, value: Array(input.dropFirst()),
                        rules: StakingRules())
                } catch {
                    if case .undecodable(let fault) = error { throw fault }
                    throw .malformed(error.description)
                }
            },
            encode: { (message: StakingMessage) -> [UInt8] in
                let index = StakingMessageType.allCases.firstIndex(of: message.type) ?? 255
                return [UInt8(index)] + message.protobuf(rules: StakingRules())
            }),
        // The first byte is the size of the key.
        .roundTrip(
            "staking-entry", isCanonical: true,
            decode: { (input: [UInt8]) throws(DecodeFault) -> StakingEntry? in
                guard let size = input.first, input.count > Int(size) else { return nil }
                return try StakingEntry(
                    key: Array(input[1..<1 + Int(size)]), value: Array(input[(1 + Int(size))...])
                )
            },
            encode: { [UInt8($0.key.count)] + $0.key + $0.value }),
        .roundTrip(
            "included-votes", isCanonical: true,
            decode: { input throws(DecodeFault) in try IncludedVotes(protobuf: input) },
            encode: { $0.protobuf }),
        .roundTrip(
            "slashed-evidence",
            decode: { input throws(DecodeFault) in try SlashedEvidence(decoding: input) },
            encode: { $0.encode() }),
        // One transaction of a block, as its proposer may say it or an account signed it.
        FuzzTarget("block-opening") { input in
            let transition = LedgerTransition(
                rules: LedgerRules(chainID: "fuzz", staking: StakingRules()))
            do throws(LedgerFault) {
                let block = try transition.read(block: [input])
                precondition(block.count == 1, "block-opening: a transaction lost")
            } catch {
                precondition(error.code > 0 && !error.description.isEmpty)
            }
        },
    ]
}
