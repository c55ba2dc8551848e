// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import Console
internal import DataSquare
internal import RPC

/// `quadrat blob`: publishing blobs, getting them back, and proving that they are there.
enum BlobCommand {
    static let verb = Verb(
        "blob", "publish, fetch, prove and verify blobs",
        verbs: [
            submit, get, list, quote, BlobProofCommand.prove, BlobVerifyCommand.verify, commit,
        ])

    /// The words that name one blob of a block.
    static let place = [
        Positional("HEIGHT", "the block's height"),
        Positional("NAMESPACE", "the blob's namespace, in hexadecimal"),
        Positional("COMMITMENT", "the blob's share commitment, in base64 or hexadecimal"),
    ]

    private static let blobs = Positional("BLOB", "NAMESPACE=FILE", arity: .many)

    private static let submit = Verb(
        "submit", "publish blobs in one block",
        discussion: "Ends when a block has them; they are then final.",
        positionals: [blobs], options: NodeConnection.options,
        examples: ["blob submit 0badcafe=picture.png"],
        action: { call throws(CommandFault) in
            var blobs: [Blob] = []
            for word in call.words("BLOB") { blobs.append(try SquareBuildCommand.blob(word)) }
            let node = try NodeConnection.open(call)
            let height: UInt64
            do throws(RPCClientFault) {
                height = try node.submit(blobs)
            } catch {
                throw CommandFault(error)
            }
            if call.flag("json") {
                call.terminal.print(json: { writer in
                    writer.object {
                        $0.member("height", height)
                        $0.member("blobs") { writeBlobs(blobs, to: &$0) }
                    }
                })
                return .done
            }
            call.terminal.print("height \(height)")
            printBlobs(blobs, call)
            return .done
        })

    private static let get = Verb(
        "get", "fetch a blob", positionals: place,
        options: NodeConnection.options + [StandardOptions.output],
        action: { call throws(CommandFault) in
            let (height, namespace, commitment) = try read(call)
            let node = try NodeConnection.open(call)
            let blob: Blob
            do throws(RPCClientFault) {
                blob = try node.blob(height, namespace, commitment)
            } catch {
                throw CommandFault(error)
            }
            guard ShareCommitment(of: blob) == commitment else {
                throw CommandFault(.untrue, "the node sent another blob than that commitment's")
            }
            if let path = call.text("output") {
                try UserFiles.write(blob.data, to: path)
                call.terminal.note("\(blob.data.count) bytes in \(path)")
            } else {
                call.terminal.output(blob.data)
            }
            return .done
        })

    private static let list = Verb(
        "list", "list the blobs of namespaces in a block",
        positionals: [
            place[0], Positional("NAMESPACE", "in hexadecimal", arity: .many),
        ], options: NodeConnection.options,
        action: { call throws(CommandFault) in
            let height = try height(call.positional("HEIGHT"))
            var namespaces: [Namespace] = []
            for word in call.words("NAMESPACE") {
                namespaces.append(try SquareBuildCommand.namespace(word))
            }
            let node = try NodeConnection.open(call)
            let blobs: [Blob]
            do throws(RPCClientFault) {
                blobs = try node.blobs(height, namespaces)
            } catch {
                throw CommandFault(error)
            }
            if call.flag("json") {
                call.terminal.print(json: { writeBlobs(blobs, to: &$0) })
            } else {
                printBlobs(blobs, call)
            }
            return .done
        })

    private static let quote = Verb(
        "quote", "ask what a blob costs now, and up to which height",
        options: NodeConnection.options + [
            Option(
                "size", .integer("BYTES", 1...Int64(Blob.sizeBytesMax)), "the blob's size",
                fallback: "1"),
            Option(
                "blocks", .integer("COUNT", 1...8), "for how many heights the price is to hold",
                fallback: "8"),
        ], examples: ["blob quote --size 100000"],
        action: { call throws(CommandFault) in
            let size = UInt64(try call.integer("size") ?? 1)
            let heights = UInt64(try call.integer("blocks") ?? 8)
            let node = try NodeConnection.open(call)
            let quote = try StakeSending.asked { () throws(RPCClientFault) in
                try node.quote(sizeBytes: size, heights: heights)
            }
            if call.flag("json") {
                call.terminal.print(json: { writer in
                    writer.object {
                        $0.member("gas_price", quote.gasPrice.description)
                        $0.member("gas", quote.gas)
                        $0.member("fee", quote.fee)
                        $0.member("valid_through", quote.validThrough)
                        if let height = quote.provenAt { $0.member("proven_at", height) }
                    }
                })
                return .done
            }
            call.terminal.print("gas price     \(quote.gasPrice)")
            call.terminal.print("fee           \(quote.fee) for \(quote.gas) gas")
            call.terminal.print("valid through \(quote.validThrough)")
            if let height = quote.provenAt { call.terminal.print("proven at     \(height)") }
            return .done
        })

    private static let commit = Verb(
        "commit", "print the share commitments of blobs, without any node",
        positionals: [blobs], options: [StandardOptions.json],
        action: { call throws(CommandFault) in
            var blobs: [Blob] = []
            for word in call.words("BLOB") { blobs.append(try SquareBuildCommand.blob(word)) }
            if call.flag("json") {
                call.terminal.print(json: { writeBlobs(blobs, to: &$0) })
            } else {
                printBlobs(blobs, call)
            }
            return .done
        })

    // MARK: Words

    /// The three words that name one blob.
    static func read(
        _ call: Invocation
    ) throws(CommandFault) -> (UInt64, Namespace, ShareCommitment) {
        (
            try height(call.positional("HEIGHT")),
            try SquareBuildCommand.namespace(call.positional("NAMESPACE")),
            try commitment(call.positional("COMMITMENT"))
        )
    }

    /// A height from its digits.
    static func height(_ text: String) throws(CommandFault) -> UInt64 {
        guard let height = UInt64(text), height > 0 else {
            throw .usage("'\(text)' is no height", hint: "heights count from 1")
        }
        return height
    }

    private static func commitment(_ text: String) throws(CommandFault) -> ShareCommitment {
        do throws(DecodeFault) {
            let bytes = text.utf8.count == 64 ? try Hex.decode(text) : try Base64.decode(text)
            return ShareCommitment(try Bytes32(decoding: bytes, field: "commitment"))
        } catch {
            throw .usage(
                "'\(text)' is no commitment", hint: "give 32 bytes in base64 or hexadecimal")
        }
    }

    // MARK: Printing

    private static func printBlobs(_ blobs: [Blob], _ call: Invocation) {
        for blob in blobs {
            let commitment = Base64.encode(ShareCommitment(of: blob).bytes.array)
            call.terminal.print("\(blob.namespace)\t\(blob.data.count)\t\(commitment)")
        }
    }

    private static func writeBlobs(_ blobs: [Blob], to writer: inout JSONWriter) {
        writer.array(blobs) { writer, blob in
            writer.object {
                $0.member("namespace", base64: blob.namespace.bytes.array)
                $0.member("bytes", blob.data.count)
                $0.member("commitment", base64: ShareCommitment(of: blob).bytes.array)
            }
        }
    }
}
