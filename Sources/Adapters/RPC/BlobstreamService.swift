// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Cryptography
internal import Roles

/// `blobstream.*`: trees over data roots, which bridges commit to on other chains.
///
/// A leaf is the height in 32 big-endian bytes, then the data root; the tree is RFC 6962's, over
/// heights from a first to an excluded last.
/// Specified in Protocol/17-json-rpc.md#tuples.
enum BlobstreamService {
    static var methods: [RPCMethod] {
        [
            RPCMethod("blobstream.GetDataRootTupleRoot", .read, .height, .height) {
                call, start, end in
                tuples(call, start, end) { tuples in
                    let root = MerkleTree.root(tuples)
                    call.reply { $0.hex(root.array) }
                }
            },
            RPCMethod(
                "blobstream.GetDataRootTupleInclusionProof", .read, .height, .height, .height
            ) { call, height, start, end in
                guard start <= height, height < end else {
                    return call.fail(
                        .application(
                            "height \(height) should be in the end exclusive interval "
                                + "first_block \(start) last_block \(end)"))
                }
                tuples(call, start, end) { tuples in
                    let proof = MerkleTree.proofs(tuples).proofs[Int(height - start)]
                    call.reply { ProofJSON.write(proof, .plain, to: &$0) }
                }
            },
        ]
    }

    private static func tuples(
        _ call: RPCCall, _ start: UInt64, _ end: UInt64, then: @escaping ([[UInt8]]) -> Void
    ) {
        guard start > 0 else {
            return call.fail(.application("the first block of the range must not be 0"))
        }
        guard start < end else {
            return call.fail(
                .application("the range [\(start), \(end)) is empty: end block is exclusive"))
        }
        guard end - start <= UInt64(RPCLimits.dataRootsMax) else {
            return call.fail(
                .application("the range is over the limit of \(RPCLimits.dataRootsMax) blocks"))
        }
        call.server.ask(
            .dataRoots(start...end - 1),
            {
                if case .dataRoots(let roots) = $0 { roots } else { nil }
            },
            then: { result in
                guard let roots = call.value(result) else { return }
                guard roots.count == Int(end - start) else {
                    return call.fail(.application("some headers of the range are not here"))
                }
                then(zip(start..<end, roots).map { tuple($0, $1) })
            })
    }

    private static func tuple(_ height: UInt64, _ dataRoot: Bytes32) -> [UInt8] {
        var leaf = [UInt8](repeating: 0, count: 24)
        leaf.append(bigEndian: height)
        leaf.append(dataRoot)
        return leaf
    }
}
