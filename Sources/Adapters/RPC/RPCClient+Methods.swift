// SPDX-License-Identifier: Apache-2.0

internal import Bytes
package import Chain
package import DataSquare
package import Roles

/// Methods with their types.
extension RPCClient {
    /// Posts blobs and gives the height at which they were included.
    package func submit(
        _ blobs: [Blob], _ options: SubmitOptions = SubmitOptions()
    ) throws(RPCClientFault) -> UInt64 {
        let result = try call("blob.Submit") { writer in
            writer.array(blobs) {
                BlobJSON.write($1, commitment: ShareCommitment(of: $1), index: -1, to: &$0)
            }
            SubmitOptionsJSON.write(options, to: &writer)
        }
        guard let height = result.integer(UInt64.self) else {
            throw .answer(status: 200, "blob.Submit gave no height")
        }
        return height
    }

    /// The blob of a commitment.
    package func blob(
        _ height: UInt64, _ namespace: Namespace, _ commitment: ShareCommitment
    ) throws(RPCClientFault) -> Blob {
        let result = try call("blob.Get") { writer in
            writer.number(height)
            writer.base64(namespace.bytes.array)
            writer.base64(commitment.bytes.array)
        }
        return try Self.decoded { () throws(ParameterFault) in try BlobJSON.decode(result) }
    }

    /// All blobs of some namespaces.
    package func blobs(
        _ height: UInt64, _ namespaces: [Namespace]
    ) throws(RPCClientFault) -> [Blob] {
        let result = try call("blob.GetAll") { writer in
            writer.number(height)
            writer.array(namespaces) { $0.base64($1.bytes.array) }
        }
        return try Self.decoded { () throws(ParameterFault) in
            var blobs: [Blob] = []
            for element in result.elements ?? [] { blobs.append(try BlobJSON.decode(element)) }
            return blobs
        }
    }

    /// The header at a height.
    package func header(_ height: UInt64) throws(RPCClientFault) -> ExtendedHeader {
        try header("header.GetByHeight") { $0.number(height) }
    }

    /// The newest header that the node has.
    package func localHead() throws(RPCClientFault) -> ExtendedHeader {
        try header("header.LocalHead") { _ in }
    }

    /// The header at a height, as soon as there is one.
    package func waitForHeight(_ height: UInt64) throws(RPCClientFault) -> ExtendedHeader {
        try header("header.WaitForHeight") { $0.number(height) }
    }

    /// The header of a hash in hexadecimal.
    package func header(hash: String) throws(RPCClientFault) -> ExtendedHeader {
        try header("header.GetByHash") { $0.string(hash) }
    }

    /// The headers above one that is known, below a height, in order.
    package func headers(
        after known: ExtendedHeader, before height: UInt64
    ) throws(RPCClientFault) -> [ExtendedHeader] {
        let result = try call("header.GetRangeByHeight") { writer in
            HeaderJSON.write(known, to: &writer)
            writer.number(height)
        }
        return try Self.decoded { () throws(ParameterFault) in
            var headers: [ExtendedHeader] = []
            for element in result.elements ?? [] { headers.append(try HeaderJSON.decode(element)) }
            return headers
        }
    }

    /// The proof that a commitment is under a block's data root.
    package func commitmentProof(
        _ height: UInt64, _ namespace: Namespace, _ commitment: ShareCommitment
    ) throws(RPCClientFault) -> CommitmentProof {
        let result = try call("blob.GetCommitmentProof") { writer in
            writer.number(height)
            writer.base64(namespace.bytes.array)
            writer.base64(commitment.bytes.array)
        }
        return try Self.decoded { () throws(ParameterFault) in
            try ProofJSON.commitmentProof(result)
        }
    }

    private func header(
        _ method: String, _ write: (inout JSONWriter) -> Void
    ) throws(RPCClientFault) -> ExtendedHeader {
        let result = try call(method, write)
        return try Self.decoded { () throws(ParameterFault) in try HeaderJSON.decode(result) }
    }

    private static func decoded<Value>(
        _ decode: () throws(ParameterFault) -> Value
    ) throws(RPCClientFault) -> Value {
        do throws(ParameterFault) {
            return try decode()
        } catch {
            throw .answer(status: 200, error.text)
        }
    }
}

/// What has no type of its own here.
extension RPCClient {
    /// Faults of validators, as `evidence.List` gives them.
    package func slashings() throws(RPCClientFault) -> JSONNode {
        try call("evidence.List") { _ in }
    }
}
