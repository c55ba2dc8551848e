// SPDX-License-Identifier: Apache-2.0

internal import Console
internal import DataSquare
internal import Storage

/// The shares of an extended square that are at hand.
struct SquareParts {
    var bytes: [UInt8]
    var isKnown: [Bool]

    init(_ path: String, width: Int) throws(CommandFault) {
        let size = width * width * Share.sizeBytes
        if Disk().isDirectory(path) {
            bytes = [UInt8](repeating: 0, count: size)
            isKnown = [Bool](repeating: false, count: width * width)
            try readRows(in: path, width: width)
            return
        }
        bytes = try UserFiles.read(path, limit: SquareFiles.sizeMax)
        guard bytes.count == size else {
            throw .failed(
                "\(path) has \(bytes.count) bytes",
                hint: "an extended square of those roots has \(size)")
        }
        isKnown = [Bool](repeating: false, count: width * width)
        note(bytes[...], at: 0)
    }

    private mutating func readRows(in path: String, width: Int) throws(CommandFault) {
        let names: [String]
        do throws(StorageFault) {
            names = try Disk().names(in: path)
        } catch {
            throw CommandFault(error)
        }
        for name in names where name.hasSuffix(".row") {
            guard let row = Int(name.dropLast(4)), (0..<width).contains(row) else {
                throw .failed("\(path)/\(name): there are rows 0 to \(width - 1)")
            }
            try readRow(path + "/" + name, row, width: width)
        }
    }

    private mutating func readRow(
        _ path: String, _ row: Int, width: Int
    ) throws(CommandFault) {
        let whole = width * Share.sizeBytes
        let content = try UserFiles.read(path, limit: whole)
        guard content.count == whole || content.count == whole / 2 else {
            throw .failed(
                "\(path) has \(content.count) bytes",
                hint: "a row has \(whole), its left half \(whole / 2)")
        }
        bytes.replaceSubrange(row * whole..<row * whole + content.count, with: content)
        note(content[...], at: row * width)
    }

    /// The gapped quadrants of an .ods file and of the .q4 file beside it.
    init(original path: String, width: Int) throws(CommandFault) {
        let half = width / 2
        let file = try UserFiles.read(path, limit: SquareFile.sizeMax)
        let start = SquareFile.headerSizeBytes(width: half)
        let size = half * half * Share.sizeBytes
        let stored = file.dropFirst(start)
        guard stored.count <= size, stored.count % Share.sizeBytes == 0 else {
            throw .failed("\(path) has \(file.count) bytes, which is no whole number of shares")
        }
        bytes = [UInt8](repeating: 0, count: width * width * Share.sizeBytes)
        isKnown = [Bool](repeating: false, count: width * width)
        let padding = (size - stored.count) / Share.sizeBytes
        let tail = [[UInt8]](repeating: Padding.tail.bytes, count: padding).flatMap { $0 }
        take(Array(stored) + tail, row: 0, column: 0, width: width)
        let diagonal = path.dropLast(4) + ".q4"
        if let content = try UserFiles.readIfPresent(String(diagonal), limit: size) {
            guard content.count == size else {
                throw .failed("\(diagonal) has \(content.count) bytes", hint: "it needs \(size)")
            }
            take(content, row: half, column: half, width: width)
        }
    }

    /// Puts a quadrant at its place.
    private mutating func take(_ shares: [UInt8], row: Int, column: Int, width: Int) {
        let rowSize = width / 2 * Share.sizeBytes
        for line in 0..<width / 2 {
            let part = shares[line * rowSize..<(line + 1) * rowSize]
            let place = (row + line) * width + column
            bytes.replaceSubrange(
                place * Share.sizeBytes..<place * Share.sizeBytes + rowSize, with: part)
            note(part, at: place)
        }
    }

    /// Notes which of some neighbouring shares are there.
    private mutating func note(_ shares: ArraySlice<UInt8>, at place: Int) {
        for index in 0..<shares.count / Share.sizeBytes {
            let start = shares.startIndex + index * Share.sizeBytes
            isKnown[place + index] = shares[start..<start + Share.sizeBytes].contains { $0 != 0 }
        }
    }
}
