// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Console
internal import DataSquare
internal import RPC

/// `quadrat square inspect`: what a square holds, and whether its roots are its own.
enum SquareInspectCommand {
    static let verb = Verb(
        "inspect", "show what an .ods file holds and check it",
        discussion: "The shares are extended and hashed: exit code 3 says that they are not those "
            + "of the roots in the file.",
        positionals: [Positional("FILE", "an .ods file")],
        options: [
            Option("write-blobs", .text("DIR"), "write each blob into this directory"),
            StandardOptions.json,
        ],
        action: { call throws(CommandFault) in
            let (square, header) = try SquareFiles.readOriginal(call.positional("FILE"))
            let isTrue = ExtendedDataSquare(extending: square).commit() == header
            print(square, header, isTrue: isTrue, call)
            if let directory = call.text("write-blobs") { try writeBlobs(square, to: directory) }
            return isTrue ? .done : .untrue
        })

    /// Shares of one namespace that stand together.
    private struct Run {
        let namespace: Namespace
        let start: Int
        var count: Int
    }

    /// A blob where it stands.
    private struct Placed {
        let blob: Blob
        let start: Int
        let commitment: ShareCommitment
    }

    // MARK: Finding

    private static func runs(of square: OriginalDataSquare) -> [Run] {
        var runs: [Run] = []
        for index in 0..<square.width * square.width {
            let bytes = square.shareBytes(at: index).prefix(Namespace.sizeBytes)
            guard let prefix = FixedBytes<29>(bytes) else { continue }
            let namespace = Namespace(unchecked: prefix)
            if runs.last?.namespace == namespace {
                runs[runs.count - 1].count += 1
            } else {
                runs.append(Run(namespace: namespace, start: index, count: 1))
            }
        }
        return runs
    }

    /// The blobs, or none where the shares are not in the form of a block's.
    private static func blobs(in square: OriginalDataSquare) -> [Placed] {
        do throws(DecodeFault) {
            var shares: [Share] = []
            for index in 0..<square.width * square.width {
                shares.append(try Share(decoding: square.shareBytes(at: index)))
            }
            let first = shares.firstIndex { !$0.isCompact } ?? shares.count
            return try ShareParser.blobs(in: Array(shares[first...])).map { found in
                Placed(
                    blob: found.blob, start: found.startIndex + first,
                    commitment: ShareCommitment(of: found.blob))
            }
        } catch {
            return []
        }
    }

    private static func writeBlobs(
        _ square: OriginalDataSquare, to directory: String
    ) throws(CommandFault) {
        for placed in blobs(in: square) {
            let name = "\(placed.start)-\(placed.commitment.bytes.hex).blob"
            try UserFiles.write(placed.blob.data, to: directory + "/" + name)
        }
    }

    // MARK: Printing

    /// Prints a square's main points.
    static func print(
        _ square: OriginalDataSquare, _ header: DataAvailabilityHeader, isTrue: Bool,
        _ call: Invocation
    ) {
        let runs = runs(of: square)
        let blobs = blobs(in: square)
        if call.flag("json") {
            call.terminal.print(json: { write(square, header, isTrue, runs, blobs, to: &$0) })
            return
        }
        let terminal = call.terminal
        terminal.print("data root  \(Hex.encode(header.dataRoot.array, uppercase: true))")
        terminal.print("square     \(square.width) × \(square.width) shares")
        terminal.print("roots      \(isTrue ? "are those of the shares" : "ARE NOT THE SHARES'")")
        terminal.print("namespaces (first share, shares, namespace)")
        for run in runs {
            terminal.print("  \(run.start)\t\(run.count)\t\(describe(run.namespace))")
        }
        guard !blobs.isEmpty else { return }
        terminal.print("blobs (first share, bytes, namespace, commitment)")
        for placed in blobs {
            terminal.print(
                "  \(placed.start)\t\(placed.blob.data.count)\t\(placed.blob.namespace)\t"
                    + Base64.encode(placed.commitment.bytes.array))
        }
    }

    private static func describe(_ namespace: Namespace) -> String {
        switch namespace {
        case .transactions: "transactions"
        case .payForBlobs: "payments for blobs"
        case .payForFibre: "payments for fibre"
        case .primaryReservedPadding: "padding before blobs"
        case .tailPadding: "padding at the end"
        default: "\(namespace)"
        }
    }

    private static func write(
        _ square: OriginalDataSquare, _ header: DataAvailabilityHeader, _ isTrue: Bool,
        _ runs: [Run], _ blobs: [Placed], to writer: inout JSONWriter
    ) {
        writer.object { writer in
            writer.member("data_root", hex: header.dataRoot.array)
            writer.member("width", square.width)
            writer.member("roots_match", isTrue)
            writer.member("namespaces") { writer in
                writer.array(runs) { writer, run in
                    writer.object {
                        $0.member("start", run.start)
                        $0.member("shares", run.count)
                        $0.member("namespace", base64: run.namespace.bytes.array)
                    }
                }
            }
            writer.member("blobs") { writer in
                writer.array(blobs) { writer, placed in
                    writer.object {
                        $0.member("start", placed.start)
                        $0.member("bytes", placed.blob.data.count)
                        $0.member("namespace", base64: placed.blob.namespace.bytes.array)
                        $0.member("commitment", base64: placed.commitment.bytes.array)
                    }
                }
            }
        }
    }
}
