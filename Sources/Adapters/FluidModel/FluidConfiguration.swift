// SPDX-License-Identifier: Apache-2.0

/// What a fluid model of the network is made of: very many light nodes as a few bytes each, storage
/// nodes as queues.
///
/// The service times and answer sizes are measured with real sockets; the rest is chosen. The model
/// follows the sampling rules of Protocol/08-sampling.md: 16 cells, spread over the peers, another
/// peer after a refusal or 600 ms, withheld only after sixteen peers were asked and 20 s.
package struct FluidConfiguration: Hashable, Sendable {
    /// What is wrong with a block's data.
    package enum Withholding: Hashable, Sendable {
        /// Nothing: every cell is held.
        case none
        /// The smallest square that cannot be repaired: (k+1)² cells of the 4k² are gone.
        case minimal
        /// No cell is to be had.
        case whole
    }

    /// Light nodes; at most 2^20.
    package var lightNodes = 1_000_000
    /// Storage nodes.
    package var storageNodes = 1_000
    /// Storage nodes that each light node is connected to, at least 3 and at most 8.
    package var connections = 5
    /// Cells that a light node asks for, a block.
    package var samples = 16
    /// The original square's side.
    package var width = 128
    /// Blocks that are simulated.
    package var blocks = 5
    /// From one block to the next, in milliseconds.
    package var blockMilliseconds = 6_000
    /// Light nodes begin a block spread evenly over so many milliseconds; 0 is a storm.
    package var spreadMilliseconds = 3_000
    /// One way between two nodes, in milliseconds: drawn evenly.
    package var latencyMilliseconds = 5...75
    /// A storage node's processor time for a request, in nanoseconds, beside that for its samples.
    package var requestNanoseconds = 20_000
    /// A storage node's processor time for each sample, in nanoseconds.
    package var sampleNanoseconds = 10_000
    /// Bytes on the wire of each answer, beside its samples.
    package var answerBytes = 300
    /// Bytes on the wire of each sample with its proof.
    package var sampleBytes = 1_450
    /// What a storage node may send, in millions of bits a second.
    package var uplinkMegabits = 1_000
    /// A request that would wait longer than this is refused as overload, in milliseconds.
    package var backlogMilliseconds = 1_000
    /// Whether a peer is asked for all its samples in one request.
    package var isSampleMany = true
    /// From seeking strangers until they are connected, in milliseconds.
    package var seekMilliseconds = 1_000
    /// Storage nodes that never answer, in thousandths.
    package var silentPerMille = 0
    /// Storage nodes that hold nothing of any block, in thousandths: they answer "not found".
    package var emptyPerMille = 0
    /// What is wrong with the blocks' data.
    package var withholding = Withholding.none
    /// Every draw comes from here.
    package var seed: UInt64 = 1

    /// The defaults.
    package init() {}

    /// Cells of the extended square that nobody has.
    var hiddenCells: Int {
        switch withholding {
        case .none: 0
        case .minimal: (width + 1) * (width + 1)
        case .whole: 4 * width * width
        }
    }
}
