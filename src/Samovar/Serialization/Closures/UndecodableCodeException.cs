namespace Samovar.Serialization.Closures;

/// <summary>Thrown inside <see cref="CodeIdentity"/> for code that the walk cannot describe.</summary>
internal sealed class UndecodableCodeException(string message) : Exception(message);
