# The program alone, in an empty image, as nobody in particular:
#
#   docker build -t letterlock .
#   docker run -p 127.0.0.1:8080:8080 -v letterlock:/data letterlock
#
# Its log shows the link that sets it up. The certificates of authorities are for
# mail servers and PostgreSQL. There are no time zones, because it reckons in UTC.
# It is ready when /readyz answers 200.
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o /out/letterlock ./cmd/letterlock && mkdir -m 700 /out/data

FROM scratch
COPY --from=build /out/letterlock /letterlock
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build --chown=65532:65532 /out/data /data
USER 65532:65532
ENV LETTERLOCK_LISTEN=:8080 LETTERLOCK_DATA=/data
VOLUME /data
EXPOSE 8080
ENTRYPOINT ["/letterlock"]
CMD ["serve"]
