//! A door in front of an endpoint: it speaks TLS, with a certificate that can be replaced while it is open.

use std::{net::SocketAddr, sync::Arc, thread};

use rcgen::{BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair};
use rustls::{
    ServerConfig,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    runtime,
    sync::watch,
    task::LocalSet,
};
use tokio_rustls::TlsAcceptor;

/// An authority of our own, as a company has one.
pub(crate) struct Authority {
    pub(crate) pem: String,
    issuer: Issuer<'static, KeyPair>,
}

/// What a server shows, and the key to it.
#[derive(Clone)]
pub(crate) struct Certificate(Arc<ServerConfig>);

impl Authority {
    pub(crate) fn new() -> Self {
        Self::of(CertificateParams::default())
    }

    /// One of this name.
    pub(crate) fn named(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, name);
        Self::of(params)
    }

    fn of(mut params: CertificateParams) -> Self {
        let key = KeyPair::generate().unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = params.self_signed(&key).unwrap().pem();
        Self { pem, issuer: Issuer::new(params, key) }
    }

    /// A certificate for this name.
    pub(crate) fn certificate(&self, name: &str) -> Certificate {
        self.certificate_for(&[name])
    }

    /// A certificate for these names.
    pub(crate) fn certificate_for(&self, names: &[&str]) -> Certificate {
        self.sign(&CertificateParams::new(names.iter().map(ToString::to_string).collect::<Vec<_>>()).unwrap())
    }

    /// A certificate for this name that expired in 2001.
    pub(crate) fn expired(&self, name: &str) -> Certificate {
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        params.not_before = rcgen::date_time_ymd(2000, 1, 1);
        params.not_after = rcgen::date_time_ymd(2001, 1, 1);
        self.sign(&params)
    }

    fn sign(&self, params: &CertificateParams) -> Certificate {
        let key = KeyPair::generate().unwrap();
        Certificate::of(&params.signed_by(&key, &self.issuer).unwrap(), &key)
    }
}

impl Certificate {
    /// One that nobody but itself vouches for.
    pub(crate) fn self_signed(name: &str) -> Self {
        let key = KeyPair::generate().unwrap();
        Self::of(&CertificateParams::new([name.to_owned()]).unwrap().self_signed(&key).unwrap(), &key)
    }

    fn of(certificate: &rcgen::Certificate, key: &KeyPair) -> Self {
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let config = config.with_no_client_auth().with_single_cert(vec![certificate.der().clone()], key).unwrap();
        Self(Arc::new(config))
    }
}

/// An open door. It is closed when this is dropped.
pub(crate) struct Door {
    address: SocketAddr,
    certificate: watch::Sender<Certificate>,
}

impl Door {
    /// Opens a door to the endpoint with this base URL.
    pub(crate) fn open(endpoint: &str, certificate: Certificate) -> Self {
        let inside: SocketAddr = endpoint.trim_start_matches("http://").parse().unwrap();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let (certificate, shown) = watch::channel(certificate);
        thread::spawn(move || {
            let runtime = runtime::Builder::new_current_thread().enable_all().build().unwrap();
            LocalSet::new().block_on(&runtime, serve(listener, inside, shown));
        });
        Self { address, certificate }
    }

    pub(crate) fn url(&self) -> String {
        format!("https://{}", self.address)
    }

    /// Shows another certificate from now on; connections that are open are closed.
    pub(crate) fn show(&self, certificate: Certificate) {
        self.certificate.send_replace(certificate);
    }
}

async fn serve(listener: std::net::TcpListener, inside: SocketAddr, mut shown: watch::Receiver<Certificate>) {
    let listener = TcpListener::from_std(listener).unwrap();
    loop {
        let stream = tokio::select! {
            accepted = listener.accept() => accepted.unwrap().0,
            changed = shown.changed() => match changed {
                Ok(()) => continue,
                Err(_) => return,
            },
        };
        let mut shown = shown.clone();
        tokio::task::spawn_local(async move {
            let Certificate(config) = shown.borrow_and_update().clone();
            let handed_through = async {
                let mut outer = TlsAcceptor::from(config).accept(stream).await?;
                copy_bidirectional(&mut outer, &mut TcpStream::connect(inside).await?).await
            };
            tokio::select! {
                // A client that does not trust it goes away: that is what it is about.
                _ = handed_through => {}
                _ = shown.changed() => {}
            }
        });
    }
}
