// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import Console
internal import DataSquare
internal import Storage

/// `quadrat square`: squares in files, without any node.
enum SquareCommand {
    static let verb = Verb(
        "square", "build, look into, extend and repair squares in files",
        discussion: """
            An .ods file holds a block's roots and its original shares, as nodes store them \
            (celestia-node's format). An .eds file holds all shares of the extended square, row by \
            row, 512 bytes each and nothing else; a share of 512 zero bytes stands for one that is \
            missing.
            """,
        verbs: [
            SquareBuildCommand.verb, SquareInspectCommand.verb, SquareExtendCommand.verb,
            SquareRepairCommand.verb,
        ])
}

/// Squares in files, of both kinds.
enum SquareFiles {
    /// The largest file of either kind.
    static let sizeMax =
        ExtendedDataSquare.widthMaximum * ExtendedDataSquare.widthMaximum * Share.sizeBytes

    /// The square and the roots of an .ods file; whether they belong together is not checked.
    static func readOriginal(
        _ path: String
    ) throws(CommandFault) -> (square: OriginalDataSquare, header: DataAvailabilityHeader) {
        let bytes = try UserFiles.read(path, limit: SquareFile.sizeMax)
        do throws(DecodeFault) {
            return try SquareFile.decode(bytes)
        } catch {
            throw CommandFault(path, error)
        }
    }

    /// The roots that a file states: those of an .ods file, or of a header.
    static func readRoots(_ path: String) throws(CommandFault) -> DataAvailabilityHeader {
        let bytes = try UserFiles.read(path, limit: SquareFile.sizeMax)
        // The two formats that are not JSON tell themselves apart: an .ods file begins with 1, and
        // no protobuf message does.
        guard bytes.first == 1 else { return try HeaderCommand.read(path).dataAvailabilityHeader }
        do throws(DecodeFault) {
            let width = try SquareFile.width(decoding: bytes)
            return try SquareFile.decodeHeader(
                Array(bytes.prefix(SquareFile.headerSizeBytes(width: width))))
        } catch {
            throw CommandFault(path, error)
        }
    }

    /// Writes an .ods file.
    static func write(
        _ square: OriginalDataSquare, _ header: DataAvailabilityHeader, to path: String
    ) throws(CommandFault) {
        try UserFiles.write(
            SquareFile.encodeHeader(header) + SquareFile.storedShares(of: square), to: path)
    }
}
