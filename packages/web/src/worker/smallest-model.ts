/**
 * `y = x`, both float32 [1]: a runtime has no other way to be started than by a model. It is written out, since what writes models takes longer to
 * be ready than this runtime takes to read one.
 */
export function smallestModel(): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

const text = "CAgSB3ByZWRpa3Q6PwoUCgF4EgF5GgAiCElkZW50aXR5OgASBWdyYXBoWg8KAXgSCgoICAESBAoCCAFiDwoBeRIKCggIARIECgIIAUIECgAQEQ==";
