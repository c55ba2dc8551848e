// SPDX-License-Identifier: Apache-2.0

import Bytes
import DataSquare
import TestSupport
import Testing

/// Pieces of squares as the reference names, sends and judges them (family shwap).
@Suite struct ShareExchangeVectors {
    /// Provers of the squares that cases speak of, made once for each.
    private struct Provers {
        private var made: [String: SquareProver] = [:]

        mutating func prover(_ test: JSONTree) throws -> SquareProver {
            let seed = try test["ods"]["seed"].string
            if let prover = made[seed] { return prover }
            let prover = try SquareOfVector(test["ods"]).extended.definedProver
            #expect(try prover.header.dataRoot.array == test["data_root"].hex)
            made[seed] = prover
            return prover
        }
    }

    private static func cases(_ op: String) throws -> [JSONTree] {
        try Vectors.family("shwap").cases.filter { try $0["op"].string == op }
    }

    /// Every name has the reference's bytes and comes back from them.
    @Test func everyName() throws {
        let cases = try Self.cases("id")
        for test in cases {
            let bytes = try test["binary"].hex
            let height = try test["height"].unsigned
            let row = UInt16(try test.optional("row")?.integer ?? 0)
            let namespace = try test.optional("namespace").map { try Namespace(decoding: $0.hex) }
            let made: [UInt8]
            switch try test["type"].string {
            case "eds": made = SquareID(height: height).encode()
            case "row": made = RowID(height: height, row: row).encode()
            case "sample":
                let column = UInt16(try test["col"].integer)
                made = SampleID(height: height, row: row, column: column).encode()
            case "namespace_data":
                made = try NamespaceDataID(height: height, namespace: #require(namespace)).encode()
            case "row_namespace_data":
                made = RowNamespaceDataID(
                    height: height, row: row, namespace: try #require(namespace)
                ).encode()
            case "range_namespace_data":
                made = try RangeNamespaceDataID(
                    height: height, from: UInt32(test["from"].integer),
                    to: UInt32(test["to"].integer)
                ).encode()
            case let other:
                Issue.record("no handler for \(other)")
                continue
            }
            #expect(made == bytes, "\(test.id)")
            #expect(try Self.roundTrip(test["type"].string, bytes) == bytes, "\(test.id)")
        }
        print("vectors: shwap: \(cases.count) names")
        #expect(Vectors.isWhole(cases.count, own: 30))
    }

    /// Names are taken and refused as by the reference.
    @Test func everyNameDecoded() throws {
        let cases = try Self.cases("id_decode")
        for test in cases {
            let bytes = try test["binary"].hex
            let type = try test["type"].string
            if try test["ok"].bool {
                #expect(try Self.roundTrip(type, bytes) == bytes, "\(test.id)")
            } else {
                #expect(throws: DecodeFault.self, "\(test.id)") {
                    try Self.roundTrip(type, bytes)
                }
            }
        }
        print("vectors: shwap: \(cases.count) names decoded")
        #expect(Vectors.isWhole(cases.count, own: 37))
    }

    private static func roundTrip(_ type: String, _ bytes: [UInt8]) throws -> [UInt8] {
        switch type {
        case "eds": return try SquareID(decoding: bytes).encode()
        case "row": return try RowID(decoding: bytes).encode()
        case "sample": return try SampleID(decoding: bytes).encode()
        case "namespace_data": return try NamespaceDataID(decoding: bytes).encode()
        case "row_namespace_data": return try RowNamespaceDataID(decoding: bytes).encode()
        case "range_namespace_data": return try RangeNamespaceDataID(decoding: bytes).encode()
        default: throw JSONTreeFault(description: "no handler for \(type)")
        }
    }

    /// The header's roots are those of the reference's JSON form, and its message comes back.
    @Test func everyHeader() throws {
        let cases = try Self.cases("dah_json")
        var provers = Provers()
        for test in cases {
            let header = try provers.prover(test).header
            let json = try test["json"].string
            for (name, roots) in [
                ("row_roots", header.rowRoots), ("column_roots", header.columnRoots),
            ] {
                let list = roots.map { "\"\(Base64.encode($0.bytes.array))\"" }
                #expect(json.contains("\"\(name)\":[\(list.joined(separator: ","))]"))
            }
            #expect(try DataAvailabilityHeader(protobuf: header.protobuf) == header)
        }
        print("vectors: shwap: \(cases.count) headers")
        #expect(Vectors.isWhole(cases.count, own: 4))
    }

    /// Samples are judged as by the reference, by the kernels and by the definition alike; valid
    /// ones are what our own prover sends.
    @Test func everySample() throws {
        let cases = try Self.cases("sample")
        var provers = Provers()
        var made = 0
        for test in cases {
            let prover = try provers.prover(test)
            let place = Coordinate(
                row: try test["row"].integer, column: try test["col"].integer)
            let wire = try test["wire"].hex
            let sample = try? Self.undelimited(wire) {
                bytes throws(DecodeFault) in try UnverifiedSample(protobuf: bytes)
            }
            let verified = try? sample?.verify(at: place, against: prover.header)
            #expect((verified != nil) == (try test["expected"].bool), "\(test.id) \(test.about)")
            #expect(verified == nil || verified?.share == sample?.share)
            guard try test["desc"].string == "valid" else { continue }
            made += 1
            let axis: Axis = try test["proof_axis"].integer == 0 ? .row : .column
            var own: [UInt8] = []
            own.append(lengthPrefixed: prover.sample(at: place, axis: axis).container.protobuf)
            #expect(own == wire, "\(test.id)")
        }
        print("vectors: shwap: \(cases.count) samples, \(made) made")
        #expect(Vectors.isWhole(cases.count, own: 148))
    }

    /// Rows are judged as by the reference; valid ones are what we would send.
    @Test func everyRow() throws {
        let cases = try Self.cases("row")
        var provers = Provers()
        for test in cases {
            let prover = try provers.prover(test)
            let index = try test["row"].integer
            let wire = try test["wire"].hex
            let row = try? Self.undelimited(wire) {
                bytes throws(DecodeFault) in try UnverifiedRow(protobuf: bytes)
            }
            let verified = try? row?.verify(row: index, against: prover.header)
            #expect((verified != nil) == (try test["expected"].bool), "\(test.id) \(test.about)")
            guard try test["desc"].string == "valid" else { continue }
            #expect(verified == prover.row(index), "\(test.id)")
            #expect(
                (row?.side == .right) == (try test["side"].string == "RIGHT"), "\(test.id)")
            guard row?.side == .left else { continue }
            var own: [UInt8] = []
            own.append(lengthPrefixed: prover.row(index).container.protobuf)
            #expect(own == wire, "\(test.id)")
        }
        print("vectors: shwap: \(cases.count) rows")
        #expect(Vectors.isWhole(cases.count, own: 96))
    }

    /// Namespace data is judged as by the reference; valid data is what our own prover sends.
    @Test func everyNamespaceData() throws {
        let cases = try Self.cases("namespace_data")
        var provers = Provers()
        for test in cases {
            let prover = try provers.prover(test)
            let namespace = try Namespace(decoding: test["namespace"].hex)
            let wire = try test["wire"].hex
            let data = try? UnverifiedNamespaceData(decoding: wire)
            let verified = try? data?.verify(namespace: namespace, against: prover.header)
            #expect((verified != nil) == (try test["expected"].bool), "\(test.id) \(test.about)")
            guard try test["desc"].string == "valid", let data else { continue }
            #expect(data.encode() == wire)
            #expect(try UnverifiedNamespaceData(protobuf: data.protobuf) == data)
            let made = try prover.namespaceData(namespace)
            #expect(made == verified, "\(test.id)")
            #expect(made.container.encode() == wire, "\(test.id)")
            #expect(made.rows.count == (try test["rows"].integer))
            #expect(made.shares.count == (try test["shares"].integer))
        }
        print("vectors: shwap: \(cases.count) namespace data")
        #expect(Vectors.isWhole(cases.count, own: 78))
    }

    /// Ranges are judged as by the reference, for inclusion and for completeness in their rows, in
    /// both wire forms; valid ones are what our own prover sends.
    @Test func everyRange() throws {
        let cases = try Self.cases("range_namespace_data")
        var provers = Provers()
        for test in cases {
            let prover = try provers.prover(test)
            let width = prover.header.originalWidth
            let ends = try ["from", "to_inclusive"].map {
                let place = try test[$0].array.map { try $0.integer }
                return place[0] * width + place[1]
            }
            let range = ends[0]..<ends[1] + 1
            let wire = try test["wire"].hex
            let message = try test["pb"].hex
            let streamed = try? UnverifiedRangeNamespaceData(decoding: wire)
            let single = try? UnverifiedRangeNamespaceData(protobuf: message)
            let namespace = prover.shareNamespace(at: ends[0])
            let isValid = try test["desc"].string == "valid"
            // Alterations were made to the stream alone.
            for data in isValid ? [streamed, single] : [streamed] {
                let included = try? data?.verify(range: range, against: prover.header)
                let complete = try? data?.verify(
                    range: range, completeFor: namespace, against: prover.header)
                #expect((included != nil) == (try test["verify_inclusion"].bool), "\(test.id)")
                #expect((complete != nil) == (try test["verify_namespace"].bool), "\(test.id)")
            }
            guard isValid else { continue }
            #expect(streamed?.encode() == wire)
            #expect(single?.protobuf == message)
            #expect(try prover.range(range).container == single, "\(test.id)")
        }
        print("vectors: shwap: \(cases.count) ranges")
        #expect(Vectors.isWhole(cases.count, own: 37))
    }

    private static func undelimited<Value>(
        _ wire: [UInt8], _ decode: (ArraySlice<UInt8>) throws(DecodeFault) -> Value
    ) throws(DecodeFault) -> Value {
        var reader = ByteReader(wire)
        let message = try reader.lengthPrefixed(limit: 1 << 20)
        try reader.finish()
        return try decode(message)
    }
}

extension SquareProver {
    /// The namespace of a share of the original square.
    func shareNamespace(at index: Int) -> Namespace {
        let width = header.originalWidth
        return sample(at: Coordinate(row: index / width, column: index % width)).share.namespace
    }
}
