namespace Samovar.Tasks.Core;

/// <summary>Marks an error as a programming error, which would recur in another attempt.</summary>
internal interface IUnrepeatable;
