// SPDX-License-Identifier: Apache-2.0

package import Bytes
package import Chain
package import DataSquare

/// A sidecar with what shows that a header binds it, as it is kept and sent.
///
/// varint length ‖ `SidecarOpening` ‖ 16 · k bytes of values. Specified in
/// Protocol/14-encoding-fraud.md#sidecar-exchange.
package struct BoundSidecar: Hashable, Sendable {
    /// What opens the header's hash.
    package let opening: SidecarOpening
    /// The values.
    package let sidecar: EncodingSidecar

    /// Takes the parts; `SidecarOpening.verify` judges them.
    package init(opening: SidecarOpening, sidecar: EncodingSidecar) {
        self.opening = opening
        self.sidecar = sidecar
    }

    /// The bytes.
    package func encode() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(lengthPrefixed: opening.protobuf)
        return bytes + sidecar.bytes
    }

    /// Reads the bytes; how many values there are says which k it is.
    package init(decoding bytes: ArraySlice<UInt8>) throws(DecodeFault) {
        var reader = ByteReader(bytes)
        opening = try SidecarOpening(
            protobuf: try reader.lengthPrefixed(
                limit: SidecarOpening.sizeLimit, field: "opening"))
        let values = Array(reader.rest())
        do throws(SquareFault) {
            sidecar = try EncodingSidecar(
                originalWidth: values.count / EncodingSidecar.valueSizeBytes, bytes: values)
        } catch {
            throw .malformed("\(values.count) bytes are the values of no square")
        }
    }
}

/// Names, limits and answers of the exchange of sidecars, which is our own.
package enum SidecarExchange {
    /// Bytes of a question: a height, most significant byte first.
    package static let requestSize = 8
    /// The largest answer.
    package static let answerLimit =
        SidecarOpening.sizeLimit + 16 + SquareSize.upperBound * EncodingSidecar.valueSizeBytes

    /// The protocol's id on a network.
    package static func protocolID(network: String) -> String {
        "/\(network)/quadrat/sidecar/v0.0.1"
    }

    /// What a node gives to those who ask.
    package static var serviceLimits: ServiceLimits {
        var limits = ServiceLimits(completion: .exactly(requestSize))
        limits.perAddress = RateLimit(perSecond: 85, burst: 256)
        limits.group = "shrex"
        return limits
    }

    /// The bytes of a question.
    package static func encodeRequest(height: UInt64) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(bigEndian: height)
        return bytes
    }

    /// Reads a question; there is no block of height 0.
    package static func decodeRequest(_ bytes: [UInt8]) throws(DecodeFault) -> UInt64 {
        var reader = ByteReader(bytes)
        let height = try reader.bigEndian(UInt64.self)
        try reader.finish()
        guard height > 0 else { throw .malformed("a block of height 0") }
        return height
    }

    /// The answer that gives a sidecar, from its bytes.
    package static func encodeAnswer(_ record: [UInt8]) -> [UInt8] {
        ShareExchange.found + record
    }

    /// Reads an answer; nil when the peer does not have it.
    package static func decodeAnswer(_ bytes: [UInt8]) throws(DecodeFault) -> BoundSidecar? {
        let found = ShareExchange.found
        guard bytes.starts(with: found) else {
            guard bytes == ShareExchange.notFound || bytes == ShareExchange.internalError else {
                throw .malformed("the answer has no status")
            }
            return nil
        }
        return try BoundSidecar(decoding: bytes.dropFirst(found.count))
    }
}
