// SPDX-License-Identifier: Apache-2.0

internal import Bytes

/// What one of the index's two meta pages says of the file's size.
///
/// LMDB keeps no checksum of them and divides, multiplies and maps by what they say: a rotten page
/// size ends the process, a rotten page number asks for the whole address space. So they are looked
/// at before LMDB does. Source: lmdb 0.9, mdb.c, `MDB_page` and `MDB_meta` (data version 1).
struct IndexMetaPage {
    /// The bytes of a page up to its last field that is read here.
    static let sizeBytes = 144
    /// LMDB's own bounds of a page, in bytes; always a power of two.
    static let pageSizes = 512...65_536

    let pageSize: Int

    /// Reads a meta page.
    ///
    /// - Throws: `corrupt(.index)` for a page size that is none, for a map larger than
    ///   `mapSizeMax` bytes, or for a last page outside the map.
    init(_ bytes: [UInt8], mapSizeMax: Int) throws(StorageFault) {
        let mapSize: UInt64
        let pageSize: UInt32
        let lastPage: UInt64
        do throws(DecodeFault) {
            var reader = ByteReader(bytes[...])
            // The page's header, the magic number, the version and the address of the map.
            _ = try reader.slice(32)
            mapSize = try reader.littleEndian()
            pageSize = try reader.littleEndian()
            // The rest of the two trees' descriptions.
            _ = try reader.slice(92)
            lastPage = try reader.littleEndian()
        } catch {
            throw .corrupt(.index)
        }
        guard Self.pageSizes.contains(Int(pageSize)), pageSize.nonzeroBitCount == 1,
            mapSize <= UInt64(mapSizeMax), lastPage < mapSize / UInt64(pageSize)
        else { throw .corrupt(.index) }
        self.pageSize = Int(pageSize)
    }

    /// Checks both meta pages of an index that is there; one that ends before them is LMDB's to
    /// begin or to refuse.
    static func check(_ path: String, mapSizeMax: Int) throws(StorageFault) {
        guard let status = try Disk().status(path), status.sizeBytes >= sizeBytes else { return }
        try Disk().withFile(path) { (file) throws(StorageFault) in
            let first = try IndexMetaPage(
                try file.read(at: 0, count: sizeBytes), mapSizeMax: mapSizeMax)
            guard status.sizeBytes >= first.pageSize + sizeBytes else { return }
            let second = try IndexMetaPage(
                try file.read(at: first.pageSize, count: sizeBytes), mapSizeMax: mapSizeMax)
            guard second.pageSize == first.pageSize else { throw .corrupt(.index) }
        }
    }
}
