// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import DataSquare
internal import Roles

/// The blobs that a block has in a namespace, with where they stand and what proves them.
struct NamespaceBlobs {
    /// One blob at its place.
    struct Placed {
        let blob: Blob
        /// The index of its first share in the extended square, row by row
        /// (Protocol/17-json-rpc.md#blob-index).
        let index: Int
        /// The places of its rows among the namespace's rows.
        let rows: ClosedRange<Int>
    }

    /// In the square's order.
    let blobs: [Placed]
    private let proofs: [NamespaceProof]

    /// Reads the blobs out of verified namespace data of a square that is `width` shares wide.
    init(_ data: NamespaceData, width: Int) throws(DecodeFault) {
        let parsed = try ShareParser.blobs(in: data.shares)
        // Where in the namespace each of its rows begins.
        var starts: [Int] = []
        var count = 0
        for row in data.rows {
            starts.append(count)
            count += row.shares.count
        }
        var blobs: [Placed] = []
        var first = 0
        for (blob, start) in parsed {
            while first + 1 < starts.count, starts[first + 1] <= start { first += 1 }
            var last = first
            let end = start + blob.shareCount
            while last + 1 < starts.count, starts[last + 1] < end { last += 1 }
            let row = data.rows[first]
            let column = row.proof.start + start - starts[first]
            blobs.append(
                Placed(blob: blob, index: row.row * width + column, rows: first...last))
        }
        self.blobs = blobs
        proofs = data.rows.map(\.proof)
    }

    /// The first blob that has that commitment.
    func blob(_ commitment: ShareCommitment) -> Placed? {
        blobs.first { ShareCommitment(of: $0.blob) == commitment }
    }

    /// celestia-node's proof of a blob: the namespace's whole range in each row that it touches.
    func proof(of placed: Placed) -> [NamespaceProof] {
        Array(proofs[placed.rows])
    }
}

extension RPCServices {
    /// The blobs of a namespace at a height.
    func blobs(
        _ height: UInt64, _ namespace: Namespace, for call: RPCCall,
        then: @escaping (Result<(ExtendedHeader, NamespaceBlobs), RPCFault>) -> Void
    ) {
        header(height, for: call) { result in
            switch result {
            case .failure(let fault): then(.failure(fault))
            case .success(let header):
                self.blobs(of: header, namespace) { then($0.map { (header, $0) }) }
            }
        }
    }

    /// The blobs of a namespace in the block of a header.
    func blobs(
        of header: ExtendedHeader, _ namespace: Namespace,
        then: @escaping (Result<NamespaceBlobs, RPCFault>) -> Void
    ) {
        guard namespace.isValidForBlob else {
            return then(.failure(.failed("invalid namespace: reserved namespace")))
        }
        namespaceData(header.height.value, namespace) { result in
            then(
                result.flatMap { data in
                    do throws(DecodeFault) {
                        return .success(
                            try NamespaceBlobs(data, width: header.dataAvailabilityHeader.width))
                    } catch {
                        return .failure(.failed("blob: \(error.description)"))
                    }
                })
        }
    }
}
