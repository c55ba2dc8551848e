// SPDX-License-Identifier: Apache-2.0

import Storage
import Testing

/// The index's own header, changed as a failing disk would change it.
///
/// LMDB keeps no checksum of its two meta pages and believes them.
@Suite struct RottenIndexTests {
    /// Every bit of the page size and of the last page's number: a fault or the right value.
    @Test(arguments: [40..<44, 136..<144])
    func rottenMetaPage(field: Range<Int>) throws {
        let scratch = try ScratchDirectory(inMemory: true)
        try fill(scratch)
        var sound: [UInt8] = []
        try scratch.change("data.mdb") { sound = $0 }
        var faults = 0
        for bit in field.lowerBound * 8..<field.upperBound * 8 {
            try scratch.change("data.mdb") { bytes in
                bytes = sound
                for page in [0, 4096] { bytes[page + bit / 8] ^= 1 << UInt8(bit % 8) }
            }
            do throws(StorageFault) {
                let store = try KeyValueStore(directory: scratch.path)
                let value = try store.read { (view) throws(StorageFault) in
                    try view.get(.records, [1])
                }
                #expect(value == [7], "bit \(bit)")
            } catch {
                faults += 1
            }
        }
        #expect(faults >= field.count * 4)
    }

    private func fill(_ scratch: ScratchDirectory) throws {
        let store = try KeyValueStore(directory: scratch.path)
        try store.write { (change) throws(StorageFault) in try change.put(.records, [1], [7]) }
    }
}
