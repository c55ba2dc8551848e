// SPDX-License-Identifier: Apache-2.0

internal import CKernels

/// The only callers of the kernels of sums; every length is checked here.
extension LinearSums {
    /// The sums of `count` rows of `size` bytes, a multiple of 512, that are `stride` bytes apart.
    ///
    /// `sums` has room for 16 bytes a row.
    public static func compute(
        rows: UnsafePointer<UInt8>, stride: Int, count: Int, size: Int, factors: SumFactors,
        into sums: UnsafeMutablePointer<UInt8>
    ) {
        precondition(size >= 0 && size.isMultiple(of: 512), "rows of whole shares")
        precondition(count >= 0 && stride >= size, "rows that do not overlap")
        precondition(
            factors.pieces.count == size / LeopardKernels.pieceSize * sizeBytes,
            "a factor for each piece of a row")
        switch factors.form {
        case .coefficients(let coefficients):
            (factors.isWide ? SumTables.wide : .narrow).withField { field in
                let kernel = factors.isWide ? ck_sidecar16_sums : ck_sidecar8_sums
                kernel(&field, rows, stride, count, size, coefficients, sums)
            }
        case .nibbles:
            ck_sidecar8_nibble_sums(
                SumTables.narrow.products.tables, rows, stride, count, size, factors.pieces,
                factors.places, sums)
        case .narrow(let matrices, let weights):
            SumTables.narrow.withField { field in
                ck_sidecar8_product_sums(
                    &field, rows, stride, count, size, matrices, weights, sums)
            }
        case .wide(let level, let pieces, let matrices, let places):
            PairTables.shared.withField { field in
                pieces.withUnsafeBufferPointer { pieces in
                    matrices.withUnsafeBufferPointer { matrices in
                        var factors = ck_sidecar_pieces(
                            factors: pieces.baseAddress, matrices: matrices.baseAddress)
                        ck_sidecar16_product_sums(
                            level.kernel, &field, rows, stride, count, size, &factors, places, sums)
                    }
                }
            }
        }
    }
}

/// What the coefficients of sums are products of, in the form that a level's kernel reads.
public struct SumFactors: Sendable {
    /// 16 bytes for each 64-byte piece of a row.
    public let pieces: [UInt8]
    /// 16 bytes for each symbol of a piece: 64 of GF(2^8), 32 of GF(2^16).
    public let places: [UInt8]
    /// Whether symbols are of 16 bits.
    public let isWide: Bool
    fileprivate let form: Form

    /// What a kernel reads.
    fileprivate enum Form {
        /// 16 bytes for each symbol of a row.
        case coefficients([UInt8])
        /// Over GF(2^8): the factors as they are.
        case nibbles
        /// Over GF(2^8): 16 bit matrices for each piece, and the places lane by lane.
        case narrow(matrices: [UInt64], weights: [UInt8])
        /// Over GF(2^16): 24 halves of pairs for each piece and each place, and for the level that
        /// reads them the bit matrices of the pieces' ones.
        case wide(KernelLevel, pieces: [UInt8], matrices: [UInt64], places: [UInt8])
    }

    /// How many places a piece has.
    public static func placeCount(isWide: Bool) -> Int { isWide ? 32 : 64 }

    /// Takes the factors of a row's pieces, two at least, and of the places in a piece.
    public init(pieces: [UInt8], places: [UInt8], isWide: Bool, level: KernelLevel = .best) {
        let size = LinearSums.sizeBytes
        precondition(pieces.count.isMultiple(of: 2 * size), "a factor for each piece of a share")
        precondition(
            places.count == Self.placeCount(isWide: isWide) * size, "a factor for each place")
        precondition(level.isSupported, "a level that this processor has")
        self.pieces = pieces
        self.places = places
        self.isWide = isWide
        switch (level, isWide) {
        case (.gfni512, false):
            let products = SumTables.narrow.products.matrices
            form = .narrow(
                matrices: pieces.map { products[Int($0)] },
                weights: (0..<size).flatMap { lane in (0..<64).map { places[$0 * size + lane] } })
        case (.avx2, false):
            form = .nibbles
        case (.gfni512, true), (.avx2, true):
            let halves = PairTables.halves(of: pieces)
            let products = PairTables.shared.products.matrices
            form = .wide(
                level, pieces: halves,
                matrices: level == .gfni512 ? halves.map { products[Int($0)] } : [],
                places: PairTables.halves(of: places))
        case (.portable, _):
            form = .coefficients(
                LinearSums.coefficients(pieces: pieces, places: places, isWide: isWide))
        }
    }
}

/// A field in the tables that kernels of sums read.
private struct SumTables: Sendable {
    let basis: [UInt16]
    let elements: [UInt16]
    let symbols: [UInt16]
    let reduction: UInt16
    /// GF(2^8): what multiplies by each symbol.
    let products: KernelFactors
    let toProduct: UInt64
    let fromProduct: UInt64

    static let narrow = SumTables(GaloisField8.self)
    static let wide = SumTables(GaloisField16.self)

    init<Field: BinaryField>(_ field: Field.Type) {
        basis = Field.basis.map { UInt16($0) }
        reduction = UInt16(truncatingIfNeeded: Field.polynomial)
        let bytes = Field.bits / 8
        let elementOfByte = (0..<256 * bytes).map { index in
            UInt16(Field.element(Field.Symbol(index & 0xFF) << (8 * (index >> 8))))
        }
        elements = elementOfByte
        symbols = Self.inverse(of: elementOfByte)
        guard bytes == 1 else {
            (toProduct, fromProduct) = (0, 0)
            products = KernelFactors()
            return
        }
        products = KernelFactors(Array(0...255), in: GaloisField8.self)
        let there = ProductField.isomorphism(from: elementOfByte.map { UInt8($0) })
        var back = [UInt8](repeating: 0, count: 256)
        for symbol in 0..<256 { back[Int(there[symbol])] = UInt8(symbol) }
        toProduct = KernelFactors(linear: { there[Int($0)] }).matrices[0]
        fromProduct = KernelFactors(linear: { back[Int($0)] }).matrices[0]
    }

    /// The symbols of elements that have one byte other than zero, from the reverse.
    private static func inverse(of elements: [UInt16]) -> [UInt16] {
        var symbols = [UInt16](repeating: 0, count: elements.count)
        guard elements.count > 256 else {
            for symbol in 0..<256 { symbols[Int(elements[symbol])] = UInt16(symbol) }
            return symbols
        }
        for low in 0..<256 {
            for high in 0..<256 {
                let element = elements[low] ^ elements[256 + high]
                let symbol = UInt16(low | high << 8)
                if element < 256 { symbols[Int(element)] = symbol }
                if element & 0xFF == 0 { symbols[256 + Int(element >> 8)] = symbol }
            }
        }
        return symbols
    }

    /// The tables as kernels take them.
    func withField(_ body: (inout ck_sidecar_field) -> Void) {
        basis.withUnsafeBufferPointer { basis in
            elements.withUnsafeBufferPointer { elements in
                symbols.withUnsafeBufferPointer { symbols in
                    var field = ck_sidecar_field(
                        basis: basis.baseAddress, elements: elements.baseAddress,
                        symbols: symbols.baseAddress, reduction: reduction,
                        to_product: toProduct, from_product: fromProduct)
                    body(&field)
                }
            }
        }
    }
}

/// GF(2^16) as pairs over its subfield of 256 elements, in the tables that kernels of sums read.
private struct PairTables: Sendable {
    /// What multiplies by each element of the subfield.
    let products = KernelFactors(narrow: Array(0...255), in: GaloisField16.self)
    private let pairing = KernelFactors(pairsOf: GaloisField16.self)
    /// γ² + γ.
    private let square = UInt8(
        truncatingIfNeeded: GaloisField16.paired(GaloisField16.product(0x100, 0x100)))

    static let shared = PairTables()

    /// For each symbol of two bytes, as a pair: the low half, the high one and their sum.
    static func halves(of symbols: [UInt8]) -> [UInt8] {
        var halves: [UInt8] = []
        halves.reserveCapacity(symbols.count / 2 * 3)
        for at in stride(from: 0, to: symbols.count, by: 2) {
            let pair = GaloisField16.paired(UInt16(symbols[at]) | UInt16(symbols[at + 1]) << 8)
            let low = UInt8(truncatingIfNeeded: pair)
            let high = UInt8(truncatingIfNeeded: pair >> 8)
            halves.append(low)
            halves.append(high)
            halves.append(low ^ high)
        }
        return halves
    }

    /// The tables as kernels take them.
    func withField(_ body: (inout ck_sidecar_pairs) -> Void) {
        LeopardKernels.withFactors(products) { products in
            LeopardKernels.withFactors(pairing) { pairing in
                var field = ck_sidecar_pairs(products: products, pairing: pairing, square: square)
                body(&field)
            }
        }
    }
}

/// The field that GF2P8MULB multiplies in: polynomials modulo x⁸ + x⁴ + x³ + x + 1.
private enum ProductField {
    static func product(_ a: UInt8, _ b: UInt8) -> UInt8 {
        var product: UInt8 = 0
        for bit in (0..<8).reversed() {
            product = product << 1 ^ (product >> 7) * 0x1B
            if b >> bit & 1 == 1 { product ^= a }
        }
        return product
    }

    /// What each symbol of GF(2^8) is here: x goes to a root of the other field's polynomial.
    static func isomorphism(from elements: [UInt8]) -> [UInt8] {
        let root = (2...255).lazy.map { UInt8($0) }.first { root in
            value(of: GaloisField8.polynomial, at: root) == 0
        }
        guard let root else { preconditionFailure("fields of one size are the same field") }
        return elements.map { value(of: UInt32($0), at: root) }
    }

    /// A polynomial over GF(2) at a place, by Horner's rule.
    private static func value(of polynomial: UInt32, at place: UInt8) -> UInt8 {
        var value: UInt8 = 0
        for bit in (0...8).reversed() {
            value = product(value, place) ^ UInt8(polynomial >> bit & 1)
        }
        return value
    }
}
