// SPDX-License-Identifier: Apache-2.0

public import Bytes
internal import Cryptography

/// What a block asks of the beacon chain (EIP-7685): each list behind the byte of its type.
public struct BlockRequests: Hashable, Sendable {
    /// Type and contents of each list that is not empty, in the order of types.
    public var lists: [[UInt8]] = []

    /// None.
    public init() {}

    /// The digest that the header has.
    public var hash: Bytes32 {
        var stream = SHA256.Stream()
        for list in lists { stream.update(SHA256.hash(list)) }
        return stream.finish()
    }

    mutating func append(type: UInt8, _ contents: [UInt8]) {
        if !contents.isEmpty { lists.append([type] + contents) }
    }

    /// The contract that takes deposits on the main network, and what its logs begin with.
    static let depositContract = Address(
        UInt256(0x9cbe_0530_3d77_05fa, 0x219a_b540_356c_bb83, 0, 0))
    static let depositTopic = UInt256(
        Keccak256.hash(Array("DepositEvent(bytes,bytes,bytes,bytes,bytes)".utf8)))

    /// The deposits in logs (EIP-6110).
    ///
    /// A log's data are five byte strings behind their offsets, in the one layout that the
    /// contract writes.
    static func deposits(_ logs: [Log], contract: Address) throws(BlockFault) -> [UInt8] {
        var contents: [UInt8] = []
        for log in logs where log.address == contract && log.topics.first == depositTopic {
            guard log.data.count == 576 else { throw .deposit }
            let parts = [(160, 48), (256, 32), (320, 8), (384, 96), (512, 8)]
            for (index, (place, size)) in parts.enumerated() {
                let offset = UInt256(bigEndian: log.data[32 * index..<32 * index + 32])
                let length = UInt256(bigEndian: log.data[place..<place + 32])
                guard offset == UInt256(UInt64(place)), length == UInt256(UInt64(size)) else {
                    throw .deposit
                }
                contents += log.data[place + 32..<place + 32 + size]
            }
        }
        return contents
    }
}
