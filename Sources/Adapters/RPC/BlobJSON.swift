// SPDX-License-Identifier: Apache-2.0

internal import Bytes
package import DataSquare

/// Blobs as `blob.*` carries them, and as `state.SubmitPayForBlob` does.
package enum BlobJSON {
    /// A blob with its commitment and `index`, where its first share stands in the extended square,
    /// row by row; -1 for nowhere.
    package static func write(
        _ blob: Blob, commitment: ShareCommitment, index: Int, to writer: inout JSONWriter
    ) {
        writer.object { writer in
            writer.member("namespace", base64: blob.namespace.bytes.array)
            writer.member("data", base64: blob.data)
            writer.member("share_version", blob.shareVersion)
            writer.member("commitment", base64: commitment.bytes.array)
            if let signer = blob.signer { writer.member("signer", base64: signer.array) }
            writer.member("index", index)
        }
    }

    /// Writes what a blob is, without what follows from it.
    package static func writeContent(_ blob: Blob, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("namespace", base64: blob.namespace.bytes.array)
            writer.member("data", base64: blob.data)
            writer.member("share_version", blob.shareVersion)
            if let signer = blob.signer { writer.member("signer", base64: signer.array) }
        }
    }

    /// Reads a blob; its commitment and index are the server's to compute and are passed over.
    package static func decode(_ value: JSONNode) throws(ParameterFault) -> Blob {
        let object = JSONObject(value, "blob.Blob")
        let namespace = try JSONBytes.namespace(try object.require("namespace"))
        return try blob(object, namespace)
    }

    /// Reads the form of the wire message, where the namespace is cut in two.
    package static func decodeMessage(_ value: JSONNode) throws(ParameterFault) -> Blob {
        let object = JSONObject(value, "share.Blob")
        let identifier = try JSONBytes.base64(
            try object.require("namespace_id"), type: "[]uint8")
        let version = try object.integer("namespace_version", UInt8.self, default: 0)
        let namespace: Namespace
        do throws(DecodeFault) {
            namespace = try Namespace(version: version, identifier: identifier)
        } catch {
            throw ParameterFault("invalid namespace: \(error.description)")
        }
        return try blob(object, namespace)
    }

    /// Writes the form of the wire message.
    package static func writeMessage(_ blob: Blob, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("namespace_id", base64: blob.namespace.identifier)
            writer.member("data", base64: blob.data)
            if blob.shareVersion != 0 { writer.member("share_version", blob.shareVersion) }
            if blob.namespace.version != 0 {
                writer.member("namespace_version", blob.namespace.version)
            }
            if let signer = blob.signer { writer.member("signer", base64: signer.array) }
        }
    }

    private static func blob(
        _ object: JSONObject, _ namespace: Namespace
    ) throws(ParameterFault) -> Blob {
        var data: [UInt8] = []
        if let value = object.optional("data") {
            data = try JSONBytes.base64(value, type: "[]uint8")
        }
        let version = try object.integer("share_version", UInt8.self, default: 0)
        var signer: Bytes20?
        if let value = object.optional("signer"), value.text != "" {
            let bytes = try JSONBytes.base64(value, type: "[]uint8")
            guard let address = Bytes20(bytes) else {
                throw ParameterFault("a signer has 20 bytes, not \(bytes.count)")
            }
            signer = address
        }
        do throws(BlobFault) {
            return try Blob(
                namespace: namespace, data: data, shareVersion: version, signer: signer)
        } catch {
            throw ParameterFault(error.description)
        }
    }
}
