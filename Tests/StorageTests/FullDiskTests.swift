// SPDX-License-Identifier: Apache-2.0

import Chain
import Foundation
import Storage
import Testing

/// A disk that is really full: a file system of a few megabytes that `QUADRAT_SMALL_DISK` names.
///
/// Making one takes rights that tests do not have, so this runs only where somebody has made it:
/// `mount -t tmpfs -o size=6m tmpfs /mnt/small`.
@Suite struct FullDiskTests {
    static let disk = ProcessInfo.processInfo.environment["QUADRAT_SMALL_DISK"]

    /// Blocks are put until there is no room; what was acknowledged is there, before and after
    /// reopening, and with room made the node goes on.
    @Test(.enabled(if: disk != nil)) func diskFillsUpAndIsFreed() throws {
        let path = try #require(Self.disk) + "/quadrat"
        var acknowledged: UInt64 = 0
        do {
            let storage = try NodeStorage(path)
            var fault: StorageFault?
            while fault == nil, acknowledged < 200 {
                let block = try SampleSquares.block(
                    acknowledged + 1, width: 16, seed: "full \(acknowledged + 1)")
                do throws(StorageFault) {
                    try storage.squares.put([block])
                    acknowledged += 1
                } catch {
                    fault = error
                }
            }
            guard case .diskFull = try #require(fault) else {
                Issue.record("another fault: \(fault.map { "\($0)" } ?? "")")
                return
            }
            try Self.check(storage, acknowledged)
        }
        let storage = try NodeStorage(path)
        try Self.check(storage, acknowledged)
        try storage.squares.remove(heights: [Height(1), Height(2)])
        let block = try SampleSquares.block(
            acknowledged + 1, width: 16, seed: "full \(acknowledged + 1)")
        try storage.squares.put([block])
        #expect(try storage.squares.square(.at(acknowledged + 1)) == block.square)
        print("full disk: \(acknowledged) blocks before it was full")
        try FileManager.default.removeItem(atPath: path)
    }

    private static func check(_ storage: NodeStorage, _ acknowledged: UInt64) throws {
        #expect(acknowledged > 5)
        for height in 1...acknowledged {
            let square = try SampleSquares.make(width: 16, seed: "full \(height)")
            #expect(try storage.squares.square(.at(height)) == square)
        }
        #expect(try !storage.squares.contains(.at(acknowledged + 1)))
    }
}
