// SPDX-License-Identifier: Apache-2.0

import Chain
import Foundation
import TestSupport
import Testing

/// Headers of live networks, whichever lie there.
@Suite(.enabled(if: RealData.isPresent)) struct AnyHeaderRealData {
    /// Every header of devnet-headers holds, and each chain's verify one from another in order.
    @Test func everyHeader() throws {
        var chains: [[ExtendedHeader]] = []
        for url in try RealData.files(in: "devnet-headers") where url.pathExtension == "json" {
            let file = try JSONTree(contentsOf: url)
            let trees = file.value is [Any] ? try file.array : [file]
            for tree in trees {
                let header = try CometJSON.extendedHeader(tree)
                #expect(throws: Never.self) { try header.validate() }
                let place = chains.firstIndex {
                    $0[0].header.chainID == header.header.chainID
                        && $0[0].validatorSet == header.validatorSet
                }
                if let place { chains[place].append(header) } else { chains.append([header]) }
            }
        }
        var steps = 0
        for chain in chains {
            let sorted = chain.sorted { $0.height < $1.height }
            for (first, second) in zip(sorted, sorted.dropFirst()) {
                let reached = try LightVerification.verify(
                    trusted: try TrustedState(first.lightBlock), untrusted: second.lightBlock,
                    now: second.time, rules: .celestia)
                #expect(reached.header == second.header)
                steps += 1
            }
        }
        let count = chains.reduce(0) { $0 + $1.count }
        #expect(count > 0)
        print("real data: \(count) headers of any name, \(steps) steps")
    }
}
