/** A file of the benchmark: always the same for its index, in the mix that repositories have. */
export function manifest(index: number): { readonly kind: "kubernetes" | "compose"; readonly text: string } {
  if (index % 5 === 4) return { kind: "compose", text: composeFile(index) };
  const documents = index % 5 === 3 ? 2 + (index % 12) : 1;
  const texts = Array.from({ length: documents }, (_, part) =>
    part % 3 === 2 ? service(index, part) : deployment(index, part),
  );
  return { kind: "kubernetes", text: texts.join("---\n") };
}

function deployment(index: number, part: number): string {
  const containers = 1 + ((index + part) % 3);
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: app-${index}-${part}
  labels:
    app.kubernetes.io/name: app-${index}
    team: "shop"
spec:
  replicas: ${1 + (index % 4)}
  selector:
    matchLabels: {app: app-${index}}
  template:
    metadata:
      labels: {app: app-${index}}
    spec:
      # nodes of its own
      nodeSelector:
        disk: ssd
      containers:
${Array.from({ length: containers }, (_, at) => container(index, at)).join("")}      volumes:
        - name: data
          persistentVolumeClaim:
            claimName: data-${index}
        - name: tmp
          emptyDir: {}
`;
}

function container(index: number, at: number): string {
  const variables = Array.from(
    { length: 2 + (index % 20) },
    (_, number) => `            - name: SETTING_${number}\n              value: "value ${number} of ${index}"\n`,
  );
  return `        - name: part-${at}
          image: registry.example/app-${index % 97}:1.${index % 31}
          args: ["--port", "8080", "--verbose"]
          ports:
            - containerPort: ${8_080 + at}
          env:
${variables.join("")}          resources:
            limits:
              memory: 256Mi
          securityContext:
            allowPrivilegeEscalation: ${index % 2 === 0}
            runAsUser: ${index % 3 === 0 ? 0 : 1_000}
          volumeMounts:
            - name: data
              mountPath: /var/lib/app
            - name: tmp
              mountPath: /tmp
`;
}

function service(index: number, part: number): string {
  return `apiVersion: v1
kind: Service
metadata:
  name: app-${index}-${part}
spec:
  selector:
    app: app-${index}
  ports:
    - port: 80
      targetPort: 8080
`;
}

function composeFile(index: number): string {
  const services = Array.from({ length: 1 + (index % 8) }, (_, at) => composeService(index, at));
  return `# Stack ${index}\nname: stack-${index}\nservices:\n${services.join("\n")}\nvolumes:\n  data:\n`;
}

function composeService(index: number, at: number): string {
  const variables = Array.from(
    { length: 1 + (index % 12) },
    (_, number) => `      SETTING_${number}: value ${number}\n`,
  );
  return `  service-${at}:
    image: registry.example/app-${index % 97}:1.${at}
    restart: unless-stopped
    command: ["serve", "--port", "8080"]
    environment:
${variables.join("")}    ports:
      - "127.0.0.1:${8_000 + at}:8080"
    volumes:
      - data:/var/lib/app
      - ./conf:/etc/app:ro
    healthcheck:
      test: ["CMD", "app", "--check"]
`;
}
