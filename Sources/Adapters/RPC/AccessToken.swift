// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import CCrypto
package import Chain
internal import Cryptography

/// A JSON Web Token of celestia-node: HS256 over a list of permissions (RFC 7519).
///
/// `{"Allow":["public","read"],"Nonce":"<32 bytes>","ExpiresAt":"<RFC 3339>"}`, where the year 1
/// means that it never expires.
/// Specified in Protocol/17-json-rpc.md#tokens.
package struct AccessToken: Equatable, Sendable {
    /// The longest text that is looked at.
    package static let textLimit = 4096

    package let allow: [Permission]
    /// 32 random bytes that tell tokens of one kind apart.
    package let nonce: [UInt8]
    /// When it ends; Go's zero time for never.
    package let expiry: Timestamp

    package init(allow: [Permission], nonce: [UInt8], expiry: Timestamp = .zero) {
        self.allow = allow
        self.nonce = nonce
        self.expiry = expiry
    }

    /// The signed text.
    package func encode(secret: [UInt8]) -> String {
        let claims = JSONWriter.text { writer in
            writer.object { writer in
                writer.member("Allow") { $0.array(allow) { $0.string($1.rawValue) } }
                writer.member("Nonce", base64: nonce)
                writer.member("ExpiresAt", expiry.description)
            }
        }
        let signed =
            Base64.encode(Array(#"{"alg":"HS256","typ":"JWT"}"#.utf8), alphabet: .url) + "."
            + Base64.encode(claims, alphabet: .url)
        let mac = HMACSHA256.authenticate(key: secret, Array(signed.utf8))
        return signed + "." + Base64.encode(mac.array, alphabet: .url)
    }

    /// The token of a text, once its signature, its form and its time are right.
    ///
    /// - Throws: `AccessFault`, whose cases the client is not told: it gets 401 for all.
    package static func verify(
        _ text: String, secret: [UInt8], now: Timestamp
    ) throws(AccessFault) -> AccessToken {
        guard text.utf8.count <= textLimit else { throw .malformed }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3 else { throw .malformed }
        let expected = HMACSHA256.authenticate(
            key: secret, Array((parts[0] + "." + parts[1]).utf8)
        ).array
        let given = try decode(parts[2])
        guard given.count == expected.count,
            CRYPTO_memcmp(given, expected, expected.count) == 0
        else { throw .wrongSignature }
        let header = try parse(parts[0])
        guard header.member("alg")?.text == "HS256" else { throw .malformed }
        let token = try claims(try parse(parts[1]))
        guard token.expiry == .zero || now < token.expiry else { throw .expired }
        return token
    }

    private static func claims(_ claims: JSONNode) throws(AccessFault) -> AccessToken {
        guard let names = claims.member("Allow")?.elements else { throw .malformed }
        var allow: [Permission] = []
        for name in names {
            guard let text = name.text else { throw .malformed }
            if let permission = Permission(rawValue: text) { allow.append(permission) }
        }
        var expiry = Timestamp.zero
        if let text = claims.member("ExpiresAt")?.text {
            do throws(DecodeFault) {
                expiry = try Timestamp(text: text)
            } catch {
                throw .malformed
            }
        }
        let nonce = try decode((claims.member("Nonce")?.text ?? "")[...], alphabet: .standard)
        return AccessToken(allow: allow, nonce: nonce, expiry: expiry)
    }

    private static func parse(_ part: Substring) throws(AccessFault) -> JSONNode {
        let bytes = try decode(part)
        do throws(DecodeFault) {
            return try JSONParser.parse(bytes)
        } catch {
            throw .malformed
        }
    }

    private static func decode(
        _ text: Substring, alphabet: Base64.Alphabet = .url
    ) throws(AccessFault) -> [UInt8] {
        do throws(DecodeFault) {
            return try Base64.decode(text, alphabet: alphabet)
        } catch {
            throw .malformed
        }
    }
}

/// Why a token is worth nothing.
package enum AccessFault: Error, Hashable, Sendable {
    case malformed
    case wrongSignature
    case expired
}

/// Who may do what on this server.
package enum AccessPolicy: Sendable {
    /// Everybody may do everything; the same setting opens the server to every web page.
    case open
    /// Tokens signed with this secret of 32 bytes decide.
    case tokens(secret: [UInt8])

    /// What the bearer of a request's token may do, or nil when its token is bad (401).
    func permissions(of request: HTTPRequest, now: Timestamp) -> Set<Permission>? {
        guard case .tokens(let secret) = self else { return Set(Permission.allCases) }
        let token: String
        if let header = request.header("authorization"), !header.isEmpty {
            guard header.hasPrefix("Bearer ") else { return nil }
            token = String(header.dropFirst(7))
        } else if let parameter = request.query("token"), !parameter.isEmpty {
            token = parameter
        } else {
            return [.public]
        }
        do throws(AccessFault) {
            return Set(
                try AccessToken.verify(token, secret: secret, now: now).allow)
        } catch {
            return nil
        }
    }
}
