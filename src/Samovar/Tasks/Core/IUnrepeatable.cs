namespace Samovar.Tasks.Core;

/// <summary>An error in how a program is written, which another attempt would only meet again.</summary>
internal interface IUnrepeatable;
