// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Console
internal import DataSquare
internal import Ledger

/// `quadrat square build`: blobs and transactions in, a square out.
enum SquareBuildCommand {
    static let verb = Verb(
        "build", "build a square of blobs and transactions",
        discussion: """
            Each BLOB is NAMESPACE=FILE, the namespace in hexadecimal. Blobs are paid for by one \
            transaction each that nobody signed, so no chain would take the block; its layout, its \
            commitments and its data root are those of a real one. Transactions of a real block are \
            given by --transaction, in block order: plain ones, or with their blobs (BlobTx).
            """,
        positionals: [Positional("BLOB", "NAMESPACE=FILE", arity: .optional)],
        options: [
            Option("blob", .list("BLOB"), "one more blob, as NAMESPACE=FILE", letter: "b"),
            Option("transaction", .list("FILE"), "a file of one transaction's bytes"),
            Option(
                "width-max", .integer("COUNT", 1...512), "the widest original square",
                fallback: "128"),
            Option(
                "app-version", .integer("NUMBER", 1...10), "whose rules to build by", fallback: "9"),
            StandardOptions.output, StandardOptions.json,
        ],
        examples: [
            "square build --output block.ods 0badcafe=picture.png",
            "square build -o block.ods -b 01=one.bin -b 02=two.bin",
        ],
        action: { call throws(CommandFault) in
            let built = try build(call)
            let extended = ExtendedDataSquare(extending: built.square)
            let header = extended.commit()
            if let path = call.text("output") {
                try SquareFiles.write(built.square, header, to: path)
            }
            SquareInspectCommand.print(built.square, header, isTrue: true, call)
            return .done
        })

    private static func build(_ call: Invocation) throws(CommandFault) -> BuiltSquare {
        let words = call.words("BLOB") + call.texts("blob")
        let files = call.texts("transaction")
        guard !words.isEmpty || !files.isEmpty else {
            throw .usage(
                "there is nothing to build of", hint: "give a blob as NAMESPACE=FILE")
        }
        var plain: [SquareEntry] = []
        var paying: [SquareEntry] = []
        for path in files {
            let entry = try transaction(path)
            if case .plain = entry { plain.append(entry) } else { paying.append(entry) }
        }
        for word in words { paying.append(.blob(try unsigned(try blob(word)))) }
        let width = Int(try call.integer("width-max") ?? 128)
        let version = UInt64(try call.integer("app-version") ?? 9)
        do throws(SquareBuildFault) {
            return try SquareBuilder.construct(
                plain + paying, sizeMaximum: width, appVersion: version)
        } catch {
            throw .failed("no such square: \(error)")
        }
    }

    private static func transaction(_ path: String) throws(CommandFault) -> SquareEntry {
        let bytes = try UserFiles.read(path, limit: BlobTransaction.sizeBytesMax)
        do throws(DecodeFault) {
            if let blobTransaction = try BlobTransaction.decodeIfMarked(bytes) {
                return .blob(blobTransaction)
            }
            return .plain(bytes)
        } catch {
            throw CommandFault(path, error)
        }
    }

    /// The blob of a word `NAMESPACE=FILE`.
    static func blob(_ word: String) throws(CommandFault) -> Blob {
        let parts = word.split(separator: "=", maxSplits: 1)
        guard parts.count == 2 else {
            throw .usage("'\(word)' is no blob", hint: "give NAMESPACE=FILE, such as 0badcafe=data")
        }
        return try blob(namespace: try namespace(String(parts[0])), file: String(parts[1]))
    }

    /// A blob of a namespace with a file's bytes.
    static func blob(namespace: Namespace, file: String) throws(CommandFault) -> Blob {
        let data = try UserFiles.read(file, limit: Blob.sizeBytesMax)
        do throws(BlobFault) {
            return try Blob(namespace: namespace, data: data, shareVersion: 0, signer: nil)
        } catch {
            throw .failed("\(file): \(error)")
        }
    }

    /// A namespace from its digits: a user's short form, or all of it.
    static func namespace(_ text: String) throws(CommandFault) -> Namespace {
        do throws(DecodeFault) {
            let bytes = try Hex.decode(text.hasPrefix("0x") ? text.dropFirst(2) : text[...])
            return bytes.count == Namespace.sizeBytes
                ? try Namespace(decoding: bytes) : try Namespace(userID: bytes)
        } catch {
            throw .usage(
                "'\(text)' is no namespace: \(error)",
                hint: "give up to 20 hexadecimal digits, or all 58")
        }
    }

    private static func unsigned(_ blob: Blob) throws(CommandFault) -> BlobTransaction {
        let message = TypedMessage(
            typeURL: PayForBlobs.typeURL, value: PayForBlobs(signer: "", blobs: [blob]).protobuf)
        let transaction = CosmosTransaction(
            body: TransactionBody(messages: [message]),
            authorization: TransactionAuthorization(
                signers: [], fee: TransactionFee(amount: [], gasLimit: 0)))
        do throws(DecodeFault) {
            return try BlobTransaction(transaction: transaction.encode(), blobs: [blob])
        } catch {
            throw .failed("the blob cannot be put into a transaction: \(error)")
        }
    }
}
