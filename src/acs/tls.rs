//! TLS: whom a connection trusts, and in words why it does not. The only file that knows of rustls and the crypto provider.

use std::{env, error::Error as StdError, fmt, fs, io, path::Path, sync::Arc};

use chrono::DateTime;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error as TlsError, InvalidMessage, OtherError,
    RootCertStore, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::ring,
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject as _},
};
use rustls_platform_verifier::Verifier;
use x509_cert::der::Decode as _;

use super::{Error, TransportKind};
use crate::text;

/// The variable with a file of authorities.
const FILE: &str = "SSL_CERT_FILE";

/// The most columns of a name in a certificate that are shown.
const LONGEST_NAME: usize = 120;

/// ring for the whole process. A second call finds it installed, which is as good.
pub(super) fn install_crypto() {
    let _ = ring::default_provider().install_default();
}

/// Trust in the system's authorities, or those of `SSL_CERT_FILE` and `SSL_CERT_DIR`, and in those of a file beside them.
///
/// # Errors
/// [`Error::Setup`] where what is named can't be read, or nobody at all would be trusted.
pub(super) fn config(ca_file: Option<&Path>) -> Result<ClientConfig, Error> {
    let setup = |detail: String| Error::Setup { detail };
    let mut extra = match ca_file {
        Some(path) => certificates(path).map_err(|error| setup(format!("--ca-file {}: {error}", path.display())))?,
        None => Vec::new(),
    };
    let named = named_by_variables().map_err(setup)?;
    if named.is_none() && env::var_os(FILE).is_some() {
        extra.extend(authorities_of_the_system());
    }
    let provider = Arc::new(ring::default_provider());
    let verifier = Verifier::new_with_extra_roots(extra, Arc::clone(&provider)).map_err(|error| {
        let why = error.to_string();
        setup(match named {
            Some(named) => format!("{named}: {why}"),
            None => format!("{why}: install the package ca-certificates, or set SSL_CERT_FILE"),
        })
    })?;
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = builder.map_err(|error| setup(error.to_string()))?;
    let verifier = Arc::new(Explained(verifier));
    Ok(builder.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth())
}

/// The certificates of a PEM file: one at least.
fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let pem = fs::read(path).map_err(|error| error.to_string())?;
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    let certificates = read.map_err(|error| error.to_string())?;
    if certificates.is_empty() {
        return Err("no certificate in it; a PEM file has blocks that begin with BEGIN CERTIFICATE".to_owned());
    }
    Ok(certificates)
}

/// The system's authorities, which the verifier does not look for where `SSL_CERT_FILE` is set but empty. One that can't be
/// read is passed over, as the verifier does.
fn authorities_of_the_system() -> Vec<CertificateDer<'static>> {
    let pem = openssl_probe::probe().cert_file.and_then(|file| fs::read(file).ok()).unwrap_or_default();
    let read = CertificateDer::pem_slice_iter(&pem).filter_map(Result::ok);
    read.filter(|certificate| RootCertStore::empty().add(certificate.clone()).is_ok()).collect()
}

/// Which variables take the place of the system's authorities; an empty one is as good as none. One that names what is not
/// there is told: what is read of them is only logged, and later nobody would be trusted.
fn named_by_variables() -> Result<Option<String>, String> {
    const DIRECTORY: &str = "SSL_CERT_DIR";
    if let Some(file) = env::var_os(FILE).filter(|value| !value.is_empty()) {
        let path = Path::new(&file);
        certificates(path).map_err(|error| format!("{FILE}={}: {error}", path.display()))?;
        return Ok(Some(FILE.to_owned()));
    }
    let Some(directories) = env::var_os(DIRECTORY).filter(|value| !value.is_empty()) else { return Ok(None) };
    let readable = env::split_paths(&directories).any(|directory| fs::read_dir(directory).is_ok());
    let shown = format!("{DIRECTORY}={}", Path::new(&directories).display());
    if readable { Ok(Some(shown)) } else { Err(format!("{shown}: no such directory")) }
}

/// The system's verifier, which says only that a certificate will not do; this adds who issued it.
#[derive(Debug)]
struct Explained(Verifier);

impl ServerCertVerifier for Explained {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, TlsError> {
        self.0.verify_server_cert(certificate, chain, name, ocsp, now).map_err(|error| match error {
            TlsError::InvalidCertificate(error) => {
                let untrusted = Untrusted::new(&error, certificate, chain);
                TlsError::InvalidCertificate(CertificateError::Other(OtherError(Arc::new(untrusted))))
            }
            other => other,
        })
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        self.0.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        self.0.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }
}

/// Why a certificate will not do, and who issued it.
#[derive(Debug)]
struct Untrusted {
    why: String,
    issuer: Option<String>,
    /// Who issued the last certificate that the server showed, where that is somebody else.
    root: Option<String>,
}

impl Untrusted {
    fn new(error: &CertificateError, certificate: &CertificateDer<'_>, chain: &[CertificateDer<'_>]) -> Self {
        let issuer = issuer(certificate);
        let root = chain.last().and_then(|last| self::issuer(last)).filter(|root| Some(root) != issuer.as_ref());
        Self { why: why(error), issuer, root }
    }
}

impl StdError for Untrusted {}

impl fmt::Display for Untrusted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)?;
        match (&self.issuer, &self.root) {
            (Some(issuer), Some(root)) => write!(f, "; it was issued by {issuer:?}, under {root:?}"),
            (Some(issuer), None) => write!(f, "; it was issued by {issuer:?}"),
            (None, _) => f.write_str("; who issued it can't be read"),
        }
    }
}

fn why(error: &CertificateError) -> String {
    let at = |time: &UnixTime| {
        let time = i64::try_from(time.as_secs()).ok().and_then(|seconds| DateTime::from_timestamp(seconds, 0));
        time.map_or_else(|| "a time out of range".to_owned(), |time| time.format("%Y-%m-%d %H:%M:%SZ").to_string())
    };
    match error {
        CertificateError::UnknownIssuer => "nobody who is trusted here vouches for its certificate".to_owned(),
        CertificateError::ExpiredContext { not_after, .. } => format!("its certificate expired {}", at(not_after)),
        CertificateError::NotValidYetContext { not_before, .. } => {
            format!("its certificate is not valid before {}", at(not_before))
        }
        CertificateError::NotValidForNameContext { presented, .. } => {
            let names: Vec<&str> = presented.iter().map(|name| bare(name)).collect();
            format!(
                "its certificate is for {}",
                if names.is_empty() { "no name".to_owned() } else { short(&names.join(", ")) }
            )
        }
        other => format!("its certificate will not do: {other}"),
    }
}

/// `elsewhere.example`, of which the library makes `DnsName("elsewhere.example")`.
fn bare(name: &str) -> &str {
    let inner = name.split_once('(').map_or(name, |(_, inner)| inner);
    inner.trim_end_matches(')').trim_matches('"')
}

/// The issuer of a certificate, as in `CN=Company CA,O=Company`.
fn issuer(certificate: &CertificateDer<'_>) -> Option<String> {
    let certificate = x509_cert::Certificate::from_der(certificate).ok()?;
    let name = certificate.tbs_certificate.issuer.to_string();
    Some(if name.is_empty() { "an issuer without a name".to_owned() } else { short(&name) })
}

/// Anybody may have written it.
fn short(name: &str) -> String {
    text::truncate(&text::clean(name), LONGEST_NAME, "...").into_owned()
}

/// Whether an error comes from TLS: a certificate, a handshake; in words, where it does. The network library wraps it in I/O
/// errors, one in another, which do not count each other among their sources.
pub(super) fn trouble(error: &(dyn StdError + 'static)) -> Option<(TransportKind, String)> {
    if let Some(error) = error.downcast_ref::<TlsError>() {
        return Some(match error {
            TlsError::InvalidCertificate(CertificateError::Other(OtherError(untrusted))) => {
                (TransportKind::Tls, untrusted.to_string())
            }
            TlsError::InvalidMessage(InvalidMessage::InvalidContentType) => {
                (TransportKind::NoTls, "it does not speak TLS; is it meant to be http://?".to_owned())
            }
            other => (TransportKind::Tls, other.to_string()),
        });
    }
    let wrapped = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
    wrapped.and_then(|inner| trouble(inner))
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, DnType, KeyPair};

    use super::*;

    #[test]
    fn trouble_with_tls_is_found_however_deep_it_is() {
        let tls = || TlsError::InvalidCertificate(CertificateError::Revoked);
        assert!(trouble(&tls()).is_some());
        assert!(trouble(&io::Error::other(tls())).is_some());
        assert!(trouble(&io::Error::other(io::Error::new(io::ErrorKind::InvalidData, tls()))).is_some());
        assert!(trouble(&io::Error::other("something else")).is_none());
        let plain = trouble(&TlsError::InvalidMessage(InvalidMessage::InvalidContentType)).unwrap();
        assert!(plain.0 == TransportKind::NoTls && plain.1.contains("http://"), "{plain:?}");
    }

    fn explained(error: &CertificateError, names: &[(DnType, &str)]) -> String {
        let mut params = CertificateParams::default();
        params.distinguished_name = rcgen::DistinguishedName::new();
        for (kind, name) in names {
            params.distinguished_name.push(kind.clone(), *name);
        }
        let certificate = params.self_signed(&KeyPair::generate().unwrap()).unwrap();
        Untrusted::new(error, certificate.der(), &[]).to_string()
    }

    #[test]
    fn the_issuer_is_named_and_can_steer_no_terminal() {
        let unknown = CertificateError::UnknownIssuer;
        let company = [(DnType::CommonName, "Company CA"), (DnType::OrganizationName, "Company")];
        assert_eq!(
            explained(&unknown, &company),
            "nobody who is trusted here vouches for its certificate; it was issued by \"O=Company,CN=Company CA\""
        );
        let hostile = explained(&unknown, &[(DnType::CommonName, "\u{1b}[2J\u{202e}\n")]);
        assert!(!hostile.contains(text::is_unsafe), "{hostile:?}");
        let long = "x".repeat(5_000);
        assert!(explained(&unknown, &[(DnType::CommonName, &long)]).len() < 300);
        assert!(explained(&unknown, &[]).ends_with("\"an issuer without a name\""));
    }

    #[test]
    fn what_is_no_certificate_has_no_issuer() {
        let nothing = CertificateDer::from(vec![0x30, 0x84, 0xff, 0xff, 0xff, 0xff]);
        let untrusted = Untrusted::new(&CertificateError::BadEncoding, &nothing, &[]);
        assert!(untrusted.to_string().ends_with("; who issued it can't be read"), "{untrusted}");
    }

    #[test]
    fn a_certificate_that_is_too_old_or_for_another_name_says_so() {
        let at = |seconds| UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds));
        let expired = CertificateError::ExpiredContext { time: at(2), not_after: at(1) };
        assert_eq!(why(&expired), "its certificate expired 1970-01-01 00:00:01Z");
        let early = CertificateError::NotValidYetContext { time: at(2), not_before: at(u64::MAX) };
        assert_eq!(why(&early), "its certificate is not valid before a time out of range");
        let expected = ServerName::try_from("a.example").unwrap();
        let other = CertificateError::NotValidForNameContext { expected, presented: vec!["b\u{1b}".into()] };
        assert_eq!(why(&other), "its certificate is for b\\u{1b}");
    }
}
