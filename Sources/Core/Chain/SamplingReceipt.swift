// SPDX-License-Identifier: Apache-2.0

public import Bytes
internal import Cryptography
public import DataSquare

/// What a node saw of a block when it sampled it, for others to check: the shares with their
/// proofs, the square's roots, the header and its votes.
///
/// It shows that these shares are the block's, and how sure a node may be that drew their places at
/// random. That the places were random, and who answered, is the node's own word. Specified in
/// Protocol/08-sampling.md#exported-receipt; it travels as JSON
/// (Protocol/schemas/sampling-receipt.schema.json).
public struct SamplingReceipt: Hashable, Sendable {
    /// The most answers of one receipt.
    public static let samplesMax = 4_096
    /// The longest name of a peer, in bytes.
    public static let peerMax = 128

    /// What the stated confidence rests on.
    public static let assumption =
        "the node drew the places at random after it knew the header, and whoever hides so much "
        + "that the square cannot be restored hides at least (k+1)^2 of its 4k^2 shares"

    /// One share that came.
    public struct Answer: Hashable, Sendable {
        /// Where it stands.
        public var coordinate: Coordinate
        /// The share and its proof, as they came.
        public var sample: UnverifiedSample
        /// SHA-256 of them as they came.
        public var digest: Bytes32
        /// Who sent them, by the node's own word.
        public var peer: String

        /// Takes the parts.
        public init(
            coordinate: Coordinate, sample: UnverifiedSample, digest: Bytes32, peer: String
        ) {
            self.coordinate = coordinate
            self.sample = sample
            self.digest = digest
            self.peer = peer
        }
    }

    /// The block, as the receipt says it in plain words.
    public var height: UInt64
    /// The block's header, its votes and its validators.
    public var block: LightBlock
    /// The roots of its extended square.
    public var roots: DataAvailabilityHeader
    /// How many shares were asked for.
    public var wanted: Int
    /// Whether all of them came.
    public var isAvailable: Bool
    /// The stated confidence, in millionths; none for a block that was not found available.
    public var confidencePartsPerMillion: Int
    /// The shares that came.
    public var answers: [Answer]

    /// Takes the parts as they came; `verify` judges them.
    public init(
        height: UInt64, block: LightBlock, roots: DataAvailabilityHeader, wanted: Int,
        isAvailable: Bool, confidencePartsPerMillion: Int, answers: [Answer]
    ) {
        self.height = height
        self.block = block
        self.roots = roots
        self.wanted = wanted
        self.isAvailable = isAvailable
        self.confidencePartsPerMillion = confidencePartsPerMillion
        self.answers = answers
    }

    /// Checks all that can be checked without a node.
    ///
    /// Without a trusted hash it is shown only that the set which the receipt brings along signed
    /// the header, not who they are.
    public func verify(trusting hash: Bytes32?) throws(SamplingReceiptFault) {
        guard hash == nil || block.header.hash == hash else {
            throw .untrusted(block.header.hash)
        }
        do throws(HeaderFault) {
            try block.checkEveryVote()
        } catch {
            throw .header(error)
        }
        guard height == block.height.value else { throw .claim("height") }
        guard block.header.dataHash == roots.dataRoot else { throw .claim("roots") }
        try checkAnswers()
        guard isAvailable == (answers.count == wanted) else { throw .claim("verdict") }
        let confidence =
            isAvailable
            ? SamplingConfidence.partsPerMillion(width: roots.width, samples: answers.count) : 0
        guard confidencePartsPerMillion == confidence else { throw .claim("confidence") }
    }

    private func checkAnswers() throws(SamplingReceiptFault) {
        guard (1...Self.samplesMax).contains(wanted), wanted <= roots.width * roots.width,
            answers.count <= wanted
        else { throw .claim("count") }
        guard Set(answers.map(\.coordinate)).count == answers.count else { throw .claim("places") }
        for answer in answers {
            guard SHA256.hash(answer.sample.protobuf) == answer.digest else {
                throw .digest(answer.coordinate)
            }
        }
        let results = VerifiedSample.verify(
            batch: answers.map { ($0.sample, $0.coordinate) }, against: roots)
        for (answer, result) in zip(answers, results) {
            if case .failure(let fault) = result { throw .sample(answer.coordinate, fault) }
        }
    }
}

/// Why a receipt does not hold.
public enum SamplingReceiptFault: Error, Hashable, Sendable {
    /// It is about another header than the trusted one.
    case untrusted(Bytes32)
    /// The header, its validators and its votes do not belong together.
    case header(HeaderFault)
    /// What it says is not what it holds; the word says what.
    case claim(String)
    /// The bytes of a share and its proof are not those whose digest it names.
    case digest(Coordinate)
    /// A share is not the block's.
    case sample(Coordinate, VerificationFault)
}

extension SamplingReceiptFault: CustomStringConvertible {
    /// One line: what does not hold.
    public var description: String {
        switch self {
        case .untrusted(let hash):
            "it is about header \(Hex.encode(hash.array, uppercase: true)), not the trusted one"
        case .header(let fault): "the header is not valid: \(fault)"
        case .claim(let what): "its \(what) is not what it shows"
        case .digest(let place): "share \(place) has another digest"
        case .sample(let place, let fault): "share \(place) is not the block's: \(fault)"
        }
    }
}
