// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import Console
internal import DataSquare
internal import RPC

/// `quadrat blob prove`: one file that shows a blob in a block, to whoever trusts one header.
///
/// The file is Protocol/schemas/blob-proof.schema.json; `blob verify` checks it.
enum BlobProofCommand {
    static let prove = Verb(
        "prove", "write one file that proves that a blob is in a block",
        discussion: """
            The file leads from the blob's commitment over the data root, the header and its votes \
            to a header hash: the block's own, or with --from that of another header which the \
            verifier trusts. From an older one it carries the headers that a light client needs; \
            from a newer one, the parents down to the block. It is checked before it is written.
            """,
        positionals: BlobCommand.place,
        options: NodeConnection.options + [
            Option("from", .text("HEADER"), "the height or hash of the header that is trusted"),
            Option("with-blob", .flag, "put the blob's bytes into the file too"),
            StandardOptions.output,
        ],
        examples: [
            "blob prove 7 0badcafe Yxz… --output proof.json",
            "blob prove 7 0badcafe Yxz… --from 1 --with-blob --output proof.json",
        ],
        action: { call throws(CommandFault) in
            let (height, namespace, commitment) = try BlobCommand.read(call)
            let node = try NodeConnection.open(call)
            let now = try System.now()
            let proof: BlobProof
            let trusted: ExtendedHeader
            do throws(RPCClientFault) {
                let header = try node.header(height)
                trusted =
                    try call.text("from").map { text throws(RPCClientFault) in
                        try ProofPath.header(text, from: node)
                    } ?? header
                let inclusion = try node.commitmentProof(height, namespace, commitment)
                let path = try ProofPath.path(
                    from: trusted, to: header, by: node, now: now)
                let blob =
                    call.flag("with-blob")
                    ? try node.blob(height, namespace, commitment) : nil
                proof = try make(header, commitment, inclusion, path, blob)
            } catch {
                throw CommandFault(error)
            }
            do throws(BlobProofFault) {
                try proof.verify(trusting: trusted.hash, now: now)
            } catch {
                throw CommandFault(.untrue, "the node's proof does not hold: \(error)")
            }
            try write(proof, trusted, call)
            return .done
        })

    private static func make(
        _ header: ExtendedHeader, _ commitment: ShareCommitment, _ inclusion: CommitmentProof,
        _ path: BlobProof.Path, _ blob: Blob?
    ) throws(RPCClientFault) -> BlobProof {
        let dataRoot = header.dataAvailabilityHeader.dataRoot
        do throws(VerificationFault) {
            let shares = try inclusion.verify(commitment: commitment, dataRoot: dataRoot)
            return BlobProof(
                claims: BlobProof.Claims(
                    height: header.height.value, namespace: inclusion.namespace,
                    commitment: commitment, dataRoot: dataRoot, shares: shares),
                inclusion: inclusion, block: header.lightBlock, path: path, blob: blob)
        } catch {
            throw .answer(status: 200, "the node's proof does not hold: \(error)")
        }
    }

    private static func write(
        _ proof: BlobProof, _ trusted: ExtendedHeader, _ call: Invocation
    ) throws(CommandFault) {
        let text = JSONWriter.text { BlobProofJSON.write(proof, to: &$0) }
        guard let path = call.text("output") else {
            call.terminal.output(text + [UInt8(ascii: "\n")])
            return
        }
        try UserFiles.write(text, to: path)
        let hash = Hex.encode(trusted.hash.array, uppercase: true)
        call.terminal.note("\(text.count) bytes in \(path)")
        call.terminal.note("check: quadrat blob verify \(path) --trust \(hash)")
    }
}

/// The way from a trusted header to a block's, fetched from a node that need not be trusted.
private enum ProofPath {
    /// The header that a height or a hash names.
    static func header(
        _ text: String, from node: RPCClient
    ) throws(RPCClientFault) -> ExtendedHeader {
        if let height = UInt64(text) { return try node.header(height) }
        return try node.header(hash: text)
    }

    static func path(
        from trusted: ExtendedHeader, to header: ExtendedHeader, by node: RPCClient,
        now: Timestamp
    ) throws(RPCClientFault) -> BlobProof.Path {
        if trusted.height == header.height { return .none }
        if trusted.height > header.height {
            return .earlier(try parents(from: trusted, to: header, by: node))
        }
        return .later(try blocks(from: trusted, to: header, by: node, now: now))
    }

    /// As few headers as a light client needs on its way up; the last is the block's own.
    private static func blocks(
        from trusted: ExtendedHeader, to header: ExtendedHeader, by node: RPCClient,
        now: Timestamp
    ) throws(RPCClientFault) -> [LightBlock] {
        let state: TrustedState
        do throws(HeaderFault) {
            state = try TrustedState(trusted.lightBlock)
        } catch {
            throw .answer(status: 200, "the header to begin at is not valid: \(error)")
        }
        var search = LightBisection(trusted: state, target: header.height, rules: .celestia)
        while case .need(let height) = search.step {
            let next = height == header.height ? header : try node.header(height.value)
            _ = search.give(next.lightBlock, now: now)
        }
        if case .failed(let height, let fault) = search.step {
            throw .answer(status: 200, "header \(height) does not follow: \(fault)")
        }
        return [trusted.lightBlock] + search.trace.dropLast()
    }

    /// Every header from the trusted one down to the one above the block's.
    private static func parents(
        from trusted: ExtendedHeader, to header: ExtendedHeader, by node: RPCClient
    ) throws(RPCClientFault) -> [BlockHeader] {
        let count = trusted.height.value - header.height.value
        guard count <= UInt64(BlobProof.parentsMax) else {
            throw .answer(
                status: 200,
                "\(count) parents are too many; begin at a header at most "
                    + "\(BlobProof.parentsMax) blocks newer, or at an older one")
        }
        var ascending: [BlockHeader] = []
        var last = header
        while last.height.next < trusted.height {
            let end = min(trusted.height.value, last.height.value + 257)
            let some = try node.headers(after: last, before: end)
            guard let newest = some.last, newest.height > last.height else {
                throw .answer(status: 200, "the node left out headers")
            }
            ascending += some.map(\.header)
            last = newest
        }
        return [trusted.header] + ascending.reversed()
    }
}
