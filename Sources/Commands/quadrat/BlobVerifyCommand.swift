// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import Console
internal import DataSquare
internal import RPC

/// `quadrat blob verify`: checks what `blob prove` wrote, without any node.
enum BlobVerifyCommand {
    static let verify = Verb(
        "verify", "check a file of 'blob prove', without any node",
        discussion: """
            A proof says something only to who trusts a header: give its hash with --trust. (Who \
            already trusts the block's header or data root may give these instead; then nothing \
            but the blob's inclusion is checked.) With --blob the file must also be the blob. \
            Exit code 3 says that it does not hold.
            """,
        positionals: [Positional("PROOF", "what 'blob prove' wrote")],
        options: [
            Option("trust", .text("HASH"), "the hash of the header that you trust"),
            Option("blob", .text("FILE"), "the blob's bytes"),
            Option("header", .text("FILE"), "instead of --trust: the block's extended header"),
            Option("data-root", .text("HEX"), "instead of --trust: the block's data root"),
        ] + HeaderCommand.lightOptions + [StandardOptions.json],
        examples: ["blob verify proof.json --trust 9A3F… --blob picture.png"],
        action: { call throws(CommandFault) in
            let path = call.positional("PROOF")
            let bytes = try UserFiles.read(path, limit: BlobProofJSON.sizeMax)
            let value: JSONNode
            do throws(DecodeFault) {
                value = try JSONParser.parse(bytes, valueLimit: BlobProofJSON.valuesMax)
            } catch {
                throw CommandFault(path, error)
            }
            if let text = call.text("trust") {
                try verify(value, trusting: text, path, call)
            } else {
                try verifyInclusion(value, path, call)
            }
            return .done
        })

    /// The whole way, down to a header that is trusted.
    private static func verify(
        _ value: JSONNode, trusting text: String, _ path: String, _ call: Invocation
    ) throws(CommandFault) {
        let hash = try digest(text, "--trust", "give a header's hash: 64 hexadecimal digits")
        let now = try HeaderCommand.time(call)
        let rules = try HeaderCommand.rules(call)
        let proof: BlobProof
        do throws(ParameterFault) {
            proof = try BlobProofJSON.decode(value)
        } catch {
            throw .failed("\(path): \(error.text)")
        }
        do throws(BlobProofFault) {
            try proof.verify(trusting: hash, now: now, rules: rules)
        } catch {
            throw CommandFault(.untrue, "the proof does not hold: \(error)", hint: hint(error))
        }
        try compareBlob(proof.claims.commitment, proof.claims.namespace, call)
        report(proof, call)
    }

    private static func hint(_ fault: BlobProofFault) -> String? {
        guard case .step(_, .expired) = fault else { return nil }
        return "trust a newer header, the block's own, or allow more by --period-hours"
    }

    /// Only that the blob is under a data root that is known from elsewhere.
    private static func verifyInclusion(
        _ value: JSONNode, _ path: String, _ call: Invocation
    ) throws(CommandFault) {
        let dataRoot = try trustedRoot(call)
        let proof: CommitmentProof
        do throws(ParameterFault) {
            guard let inner = value.member("commitment_proof") else {
                throw ParameterFault("no proof that 'blob prove' wrote")
            }
            proof = try ProofJSON.commitmentProof(inner)
        } catch {
            throw .failed("\(path): \(error.text)")
        }
        let commitment = ShareCommitment(
            try digest(base64: value.member("commitment")?.text ?? "", path))
        let range: Range<Int>
        do throws(VerificationFault) {
            range = try proof.verify(commitment: commitment, dataRoot: dataRoot)
        } catch {
            throw CommandFault(.untrue, "the proof does not hold: \(error)")
        }
        try compareBlob(commitment, proof.namespace, call)
        if call.flag("json") {
            call.terminal.print(json: { writer in
                writer.object {
                    $0.member("start", range.lowerBound)
                    $0.member("end", range.upperBound)
                    $0.member("namespace", base64: proof.namespace.bytes.array)
                    $0.member("commitment", base64: commitment.bytes.array)
                }
            })
        } else {
            call.terminal.print(
                "it holds: shares \(range.lowerBound) to \(range.upperBound - 1) of the block, "
                    + "namespace \(proof.namespace)")
        }
    }

    private static func compareBlob(
        _ commitment: ShareCommitment, _ namespace: Namespace, _ call: Invocation
    ) throws(CommandFault) {
        guard let path = call.text("blob") else { return }
        let blob = try SquareBuildCommand.blob(namespace: namespace, file: path)
        guard ShareCommitment(of: blob) == commitment else {
            throw CommandFault(.untrue, "\(path) is not the blob of the commitment")
        }
    }

    private static func trustedRoot(_ call: Invocation) throws(CommandFault) -> Bytes32 {
        if let path = call.text("header") {
            let header = try HeaderCommand.read(path)
            let dataRoot = header.dataAvailabilityHeader.dataRoot
            guard header.header.dataHash == dataRoot else {
                throw CommandFault(.untrue, "\(path): the header names another data root")
            }
            return dataRoot
        }
        guard let text = call.text("data-root") else {
            throw .usage(
                "a proof alone says nothing",
                hint: "give the hash of a header that you trust (--trust HASH)")
        }
        return try digest(text, "--data-root", "give 64 hexadecimal digits")
    }

    /// 32 bytes in hexadecimal, from the command line.
    static func digest(
        _ text: String, _ option: String, _ hint: String
    ) throws(CommandFault) -> Bytes32 {
        do throws(DecodeFault) {
            return try Bytes32(decoding: Hex.decode(text), field: "hash")
        } catch {
            throw .usage("\(option) is '\(text)'", hint: hint)
        }
    }

    private static func digest(
        base64 text: String, _ path: String
    ) throws(CommandFault) -> Bytes32 {
        do throws(DecodeFault) {
            return try Bytes32(decoding: Base64.decode(text), field: "commitment")
        } catch {
            throw CommandFault(path, error)
        }
    }

    // MARK: Saying what holds

    private static func report(_ proof: BlobProof, _ call: Invocation) {
        let header = proof.block.header
        let signed = proof.block.signedHeader.commit.signatures.count { $0.flag == .commit }
        if call.flag("json") {
            call.terminal.print(json: { writer in
                writer.object { writer in
                    writer.member("chain_id", header.chainID)
                    writer.member("height", header.height.value)
                    writer.member("hash", hex: header.hash.array)
                    writer.member("data_root", hex: proof.claims.dataRoot.array)
                    writer.member("namespace", base64: proof.claims.namespace.bytes.array)
                    writer.member("commitment", base64: proof.claims.commitment.bytes.array)
                    writer.member("start", proof.claims.shares.lowerBound)
                    writer.member("end", proof.claims.shares.upperBound)
                    writer.member("signed", signed)
                    writer.member("validators", proof.block.validatorSet.count)
                    writer.member("path", proof.path.count)
                    if let blob = proof.blob { writer.member("bytes", blob.data.count) }
                }
            })
            return
        }
        let shares = proof.claims.shares
        call.terminal.print(
            "it holds: shares \(shares.lowerBound) to \(shares.upperBound - 1) of the block, "
                + "namespace \(proof.claims.namespace)")
        call.terminal.print(
            "block      \(header.height) of \(header.chainID), \(header.time)")
        call.terminal.print("data root  \(proof.claims.dataRoot.hex)")
        call.terminal.print(
            "signed     by \(signed) of \(proof.block.validatorSet.count) validators")
        call.terminal.print("trust      \(proof.path.words)")
        if let blob = proof.blob {
            call.terminal.print("blob       \(blob.data.count) bytes inside, the commitment's")
        }
    }
}

extension BlobProof.Path {
    /// Headers on the way, the trusted one included.
    var count: Int {
        switch self {
        case .none: 0
        case .later(let blocks): blocks.count
        case .earlier(let headers): headers.count
        }
    }

    /// How the block's header follows from the trusted one.
    var words: String {
        switch self {
        case .none: "the block's own header is the trusted one"
        case .later(let blocks):
            "from the header of height \(blocks.first?.height.value ?? 0), by the votes of "
                + "\(blocks.count) headers"
        case .earlier(let headers):
            "from the header of height \(headers.first?.height.value ?? 0), by "
                + "\(headers.count) parents"
        }
    }
}
