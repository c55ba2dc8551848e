// SPDX-License-Identifier: Apache-2.0

import Bytes
import Cryptography
import DataSquare
import TestSupport
import Testing

/// Encoding sidecars computed by another program from the specification (family sidecar).
@Suite struct SidecarVectors {
    /// Coefficients, values, their extension and the binding; every row of the square agrees.
    @Test func everySidecar() throws {
        var count = 0
        for test in try Vectors.family("sidecar").cases {
            count += 1
            let root = try #require(Bytes32(try test["data_root"].hex))
            let square = ExtendedDataSquare(
                extending: try SquareOfVector(test["ods"]).original)
            let width = square.originalWidth
            let coefficients = try SidecarCoefficients(dataRoot: root, originalWidth: width)
            #expect(
                SHA256.hash(coefficients.bytes).hex
                    == (try test["factors_sha256"].string), "\(test.id)")
            #expect(
                Hex.encode(Array(coefficients.bytes.suffix(16)))
                    == (try test["factor_last"].string), "\(test.id)")
            let sidecar = EncodingSidecar(of: square, coefficients: coefficients)
            let all = sidecar.extended
            if let values = test.optional("values") {
                #expect(try sidecar.bytes == values.hex, "\(test.id)")
                #expect(
                    try Array(all.dropFirst(16 * width)) == test["values_extended"].hex,
                    "\(test.id)")
            }
            #expect(
                SHA256.hash(sidecar.bytes).hex == (try test["values_sha256"].string),
                "\(test.id)")
            #expect(SHA256.hash(all).hex == (try test["extended_sha256"].string), "\(test.id)")
            #expect(try Array(all.suffix(16)) == test["value_last"].hex, "\(test.id)")
            #expect(
                sidecar.binding(dataRoot: root).hex == (try test["binding"].string), "\(test.id)")
            let rows = width <= 32 ? Array(0..<2 * width) : [0, width - 1, width, 2 * width - 1]
            for row in rows {
                let half = Array(square.axisBytes(.row, row).prefix(width * Share.sizeBytes))
                #expect(
                    try sidecar.agrees(row: row, half: half, coefficients: coefficients),
                    "\(test.id) row \(row)")
            }
        }
        #expect(Vectors.isWhole(count, own: 15))
    }
}
