// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import DataSquare
internal import Roles

/// `blob.*`: what rollups post and read back.
enum BlobService {
    static var methods: [RPCMethod] {
        [
            RPCMethod("blob.Submit", .write, blobs, StateService.options) {
                submit($0, $1, $2)
            },
            RPCMethod("blob.Get", .read, .height, .namespace, .commitment) {
                call, height, namespace, commitment in
                find(call, height, namespace, commitment) { placed, _ in
                    call.reply { write(placed, to: &$0) }
                }
            },
            RPCMethod("blob.GetAll", .read, .height, namespaces) { getAll($0, $1, $2) },
            RPCMethod("blob.GetProof", .read, .height, .namespace, .commitment) {
                call, height, namespace, commitment in
                find(call, height, namespace, commitment) { placed, all in
                    let proofs = all.proof(of: placed)
                    call.reply { $0.array(proofs) { ProofJSON.write($1, to: &$0) } }
                }
            },
            RPCMethod("blob.Included", .read, .height, .namespace, proof, .commitment) {
                included($0, $1, $2, $3, $4)
            },
            RPCMethod("blob.GetCommitmentProof", .read, .height, .namespace, .commitment) {
                commitmentProof($0, $1, $2, $3)
            },
            RPCMethod("blob.Subscribe", .read, .namespace, subscribes: true) {
                subscribe($0, $1)
            },
        ]
    }

    private static let blobs = Parameter<Blob>("blob", "blob.Blob") {
        value throws(ParameterFault) in try BlobJSON.decode(value)
    }.list("blobs", limit: RPCLimits.blobsMax)

    private static let namespaces = Parameter<Namespace>.namespace.list("namespaces", limit: 1024)

    private static let proof = Parameter<[NamespaceProof]?>(
        "proof", "blob.Proof",
        decode: { value throws(ParameterFault) in try ProofJSON.blobProof(value) })

    private static func submit(_ call: RPCCall, _ blobs: [Blob], _ options: SubmitOptions) {
        guard !blobs.isEmpty else {
            return call.fail(.application("state: no blobs provided"))
        }
        for blob in blobs where !blob.namespace.isValidForBlob {
            return call.fail(
                .application("not allowed namespace \(blob.namespace): reserved namespace"))
        }
        call.answer(.submitBlobs(blobs, options)) {
            guard case .included(let outcome) = $0 else { return nil }
            return { $0.number(outcome.height) }
        }
    }

    /// The blob of a commitment, or the answer that there is none.
    private static func find(
        _ call: RPCCall, _ height: UInt64, _ namespace: Namespace, _ commitment: Bytes32,
        then: @escaping (NamespaceBlobs.Placed, NamespaceBlobs) -> Void
    ) {
        call.server.blobs(height, namespace, for: call) { result in
            guard let (_, blobs) = call.value(result) else { return }
            guard let placed = blobs.blob(ShareCommitment(commitment)) else {
                return call.fail(notFound)
            }
            then(placed, blobs)
        }
    }

    /// All blobs of some namespaces, in the order in which these were named.
    private static func getAll(_ call: RPCCall, _ height: UInt64, _ namespaces: [Namespace]) {
        call.server.header(height, for: call) { result in
            guard let header = call.value(result) else { return }
            SerialMap<Namespace, [NamespaceBlobs.Placed]>.run(
                namespaces,
                step: { namespace, then in
                    call.server.blobs(of: header, namespace) { then($0.map(\.blobs)) }
                },
                then: { result in
                    guard let found = call.value(result)?.flatMap({ $0 }) else { return }
                    call.reply { writer in
                        if found.isEmpty { return writer.null() }
                        writer.array(found) { write($1, to: &$0) }
                    }
                })
        }
    }

    /// Whether a proof is the one that this node makes for a commitment.
    ///
    /// The form of the proof alone shows nothing about a commitment, so celestia-node compares it
    /// with its own; an unknown commitment is no error.
    /// Specified in Protocol/17-json-rpc.md#blob-proof.
    private static func included(
        _ call: RPCCall, _ height: UInt64, _ namespace: Namespace, _ proof: [NamespaceProof]?,
        _ commitment: Bytes32
    ) {
        guard let proof else {
            return call.fail(.application("blob: proof cannot be nil"))
        }
        call.server.blobs(height, namespace, for: call) { result in
            guard let (_, blobs) = call.value(result) else { return }
            guard let placed = blobs.blob(ShareCommitment(commitment)) else {
                return call.reply { $0.bool(false) }
            }
            guard blobs.proof(of: placed) == proof else {
                return call.fail(.application("blob: invalid proof"))
            }
            call.reply { $0.bool(true) }
        }
    }

    private static func commitmentProof(
        _ call: RPCCall, _ height: UInt64, _ namespace: Namespace, _ commitment: Bytes32
    ) {
        call.server.blobs(height, namespace, for: call) { result in
            guard let (header, blobs) = call.value(result) else { return }
            guard let placed = blobs.blob(ShareCommitment(commitment)) else {
                return call.fail(notFound)
            }
            call.server.square(height) { result in
                guard let square = call.value(result) else { return }
                let width = square.width
                let start = placed.index / width * (width / 2) + placed.index % width
                let prover = SquareProver(square: square, header: header.dataAvailabilityHeader)
                do throws(VerificationFault) {
                    let proof = try prover.commitmentProof(
                        start..<start + placed.blob.shareCount)
                    call.reply { ProofJSON.write(proof, to: &$0) }
                } catch {
                    call.fail(.application("blob: \(error)"))
                }
            }
        }
    }

    /// An event for each height, with the namespace's blobs or without any.
    private static func subscribe(_ call: RPCCall, _ namespace: Namespace) {
        guard namespace.isValidForBlob else {
            return call.fail(.application("invalid namespace: reserved namespace"))
        }
        call.channels?.open(call) { [unowned services = call.server] header, then in
            services.blobs(of: header, namespace) { result in
                then(result.map { blobs in { writeEvent(header, blobs.blobs, to: &$0) } })
            }
        }
    }

    private static func writeEvent(
        _ header: ExtendedHeader, _ blobs: [NamespaceBlobs.Placed], to writer: inout JSONWriter
    ) {
        writer.object { writer in
            writer.member("Blobs") { writer in
                if blobs.isEmpty { return writer.null() }
                writer.array(blobs) { write($1, to: &$0) }
            }
            writer.member("Height", header.height.value)
            writer.member("Header") { HeaderJSON.write(header.header, .plain, to: &$0) }
        }
    }

    private static func write(_ placed: NamespaceBlobs.Placed, to writer: inout JSONWriter) {
        BlobJSON.write(
            placed.blob, commitment: ShareCommitment(of: placed.blob), index: placed.index,
            to: &writer)
    }

    private static let notFound = RPCError.application("blob: not found")
}
