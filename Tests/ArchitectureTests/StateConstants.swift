// SPDX-License-Identifier: Apache-2.0

import StateTree
import Storage
import Testing

/// Module StateTree's limits, by the names of Protocol/constants.json.
extension ConstantsTests {
    static let stateTree: [String: Int] = [
        "stateStore.prunedAtOnce": StateNodeStore.prunedAtOnce,
        "stateStore.listedMax": StateNodeStore.listedMax,
        "stateTree.keySizeBytesMax": StateEntry.keySizeBytesMax,
        "stateTree.valueSizeBytesMax": StateEntry.valueSizeBytesMax,
        "stateTree.proofSizeBytesMax": StateProof.sizeBytesMax,
        "stateTree.chunkSizeBytesMax": StateChunk.sizeBytesMax,
        "stateTree.chunkFrameSizeBytesMax": StateChunk.frameSizeBytesMax,
        "stateTree.chunksMax": SnapshotManifest.chunksMax,
        "stateTree.residentPagesMax": StateTree.residentPagesMax,
    ]

    /// Limits that follow from others.
    @Test func stateLimitsHold() {
        #expect(StateChunk.frameSizeBytesMax == 1 + 1 + 64 + 4 + 2 * (2 + 256 * 32))
        let step = 2 + 2 + 3 + 34
        let presence =
            (3 + StateEntry.keySizeBytesMax) + (4 + StateEntry.valueSizeBytesMax) + (2 + 9)
            + 256 * step
        let absence = 4 + (3 + StateEntry.keySizeBytesMax) + 2 * (4 + presence)
        #expect(absence <= StateProof.sizeBytesMax)
    }
}
